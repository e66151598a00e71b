"""The console's sources: sites that HR names, folders that only the server names; and who may not."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from kombu.exceptions import OperationalError

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from knowledge.audience.models import Collection
from knowledge.documents.models import Document
from knowledge.sources.models import Source, SourceItem
from knowledge.sources.tasks import sync_source
from tests.cast import make_user, upload_text

pytestmark = pytest.mark.django_db

LIST = "/admin/knowledge/source/"
ITEMS = "/admin/knowledge/sourceitem/"


@pytest.fixture
def hr(db: None) -> User:
    return make_user("hr@acme.example", ensure_roles()["HR"], is_staff=True)


@pytest.fixture
def console(client: Client, hr: User) -> Client:
    client.force_login(hr)
    return client


@pytest.fixture
def intranet(team: Group) -> Collection:
    collection = Collection.objects.create(name="Intranet")
    collection.groups.set([team])
    return collection


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was given to a worker."""
    given: list[Any] = []
    monkeypatch.setattr(sync_source, "delay", lambda *arguments: given.append(arguments))
    return given


def make_source(**fields: Any) -> Source:
    named = {"name": "Wiki", "kind": "sitemap", "address": "https://wiki.example/sitemap.xml", **fields}
    return Source.objects.create(**named)


def add(console: Client, into: Collection, **fields: Any) -> str:
    sent = {"name": "Wiki", "kind": "sitemap", "address": "", "urls": "", "collection": into.pk, **fields}
    return console.post(f"{LIST}add/", sent, follow=True).content.decode()


def test_a_site_is_added_and_recorded(console: Client, intranet: Collection, hr: User) -> None:
    add(console, intranet, address="https://wiki.example/sitemap.xml", every_hours=24, owner=hr.pk)
    source = Source.objects.get()
    assert (source.kind, source.every_hours, source.collection, source.owner) == ("sitemap", 24, intranet, hr)
    assert AuditEvent.objects.get(action="source.create").target == "Wiki"


def test_a_list_of_pages_is_added(console: Client, intranet: Collection) -> None:
    add(console, intranet, kind="urls", urls="https://a.example/1\nhttps://a.example/2")
    assert Source.objects.get().urls.split() == ["https://a.example/1", "https://a.example/2"]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "Enter the address of the sitemap"),
        ({"kind": "urls"}, "Enter at least one address"),
        ({"address": "wiki.example"}, "is not a web address"),
        ({"address": "file:///etc/passwd"}, "is not a web address"),
        ({"address": "http://169.254.169.254/latest"}, "is inside a private network"),
        ({"kind": "urls", "urls": "https://a.example/\nhttp://10.0.0.1/"}, "is inside a private network"),
        ({"address": "http://ana:secret@a.example/"}, "must not hold a user name"),
        ({"address": "https://a.example/s.xml", "collection": ""}, "This field is required"),
        ({"kind": "folder", "address": "/etc"}, "Select a valid choice"),
    ],
)
def test_what_could_not_be_synced_is_refused(
    console: Client, intranet: Collection, fields: dict[str, Any], complaint: str
) -> None:
    assert complaint in add(console, intranet, **fields)
    assert not Source.objects.exists()


def test_a_host_that_was_let_through_is_taken(
    console: Client, intranet: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.ASKACME.__dict__, "sync_allowed_hosts", ("10.0.0.1",))
    add(console, intranet, address="http://10.0.0.1/sitemap.xml")
    assert Source.objects.exists()


def test_a_folder_cannot_be_turned_to_another_one(console: Client, intranet: Collection) -> None:
    source = make_source(kind="folder", address="/srv/handbook")
    sent = {"name": "Handbook", "kind": "folder", "address": "/etc", "collection": intranet.pk, "every_hours": 24}
    assert console.post(f"{LIST}{source.pk}/change/", sent).status_code == 302
    source.refresh_from_db()
    assert (source.name, source.address, source.every_hours) == ("Handbook", "/srv/handbook", 24)


def test_a_change_is_recorded_with_what_was_before(console: Client, intranet: Collection) -> None:
    source = make_source(collection=intranet)
    sent = {"name": "Wiki", "address": "https://wiki.example/new.xml", "collection": intranet.pk, "every_hours": ""}
    console.post(f"{LIST}{source.pk}/change/", sent)
    event = AuditEvent.objects.get(action="source.change")
    assert event.details == {
        "before": {"address": "https://wiki.example/sitemap.xml"},
        "after": {"address": "https://wiki.example/new.xml"},
    }


def test_sync_now_hands_it_to_a_worker(console: Client, hr: User, handed: list[Any]) -> None:
    source = make_source()
    page = console.post(f"{LIST}{source.pk}/sync/", follow=True).content.decode()
    assert "is being synced" in page
    assert handed == [(source.pk, hr.pk)]
    assert AuditEvent.objects.get(action="source.sync").actor == hr
    assert console.get(f"{LIST}{source.pk}/sync/").status_code == 405


def test_a_queue_that_is_down_is_said(console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(sync_source, "delay", refuse)
    page = console.post(f"{LIST}{make_source().pk}/sync/", follow=True).content.decode()
    assert "The queue does not answer" in page
    assert not AuditEvent.objects.filter(action="source.sync").exists()


def test_the_list_shows_state_and_problems(console: Client) -> None:
    source = make_source(error="There is no sitemap at https://wiki.example/sitemap.xml (404).")
    SourceItem.objects.create(source=source, address="https://wiki.example/a", error="The server answered 500")
    page = console.get(LIST).content.decode()
    for words in ("There is no sitemap at", "0 documents", "1 with a problem", "Sync now"):
        assert words in page


def test_the_list_costs_the_same_for_many_sources(console: Client, django_assert_num_queries: Any) -> None:
    make_source()
    console.get(LIST)
    with django_assert_num_queries(9):
        console.get(LIST)
    for n in range(8):
        make_source(name=f"Wiki {n}")
    with django_assert_num_queries(9):
        console.get(LIST)


def test_the_items_of_a_source_are_listed(console: Client) -> None:
    source, document = make_source(), upload_text().document
    SourceItem.objects.create(source=source, address="https://wiki.example/a", document=document, etag="1")
    SourceItem.objects.create(source=source, address="https://wiki.example/b", error="The server answered 500")
    SourceItem.objects.create(source=source, address="https://wiki.example/c", etag="1")
    page = console.get(ITEMS, {"source__id__exact": source.pk}).content.decode()
    for words in (document.title, "The server answered 500", "Its document was deleted here"):
        assert words in page
    shown = console.get(ITEMS, {"problems": 1}).context["cl"].result_list
    assert [item.address for item in shown] == ["https://wiki.example/b"]


def test_items_are_only_looked_at(console: Client) -> None:
    item = SourceItem.objects.create(source=make_source(), address="https://wiki.example/a")
    assert "wiki.example/a" in console.get(f"{ITEMS}{item.pk}/change/").content.decode()
    assert console.get(f"{ITEMS}add/").status_code == 403
    assert console.post(f"{ITEMS}{item.pk}/delete/", {"post": "yes"}).status_code == 403


def test_deleting_a_source_keeps_its_documents_and_says_so(console: Client) -> None:
    source, document = make_source(), upload_text().document
    SourceItem.objects.create(source=source, address="https://wiki.example/a", document=document, etag="1")
    url = f"{LIST}{source.pk}/delete/"
    assert "Its 1 document stays and goes on answering." in console.get(url).content.decode()
    console.post(url, {"post": "yes"})
    assert (Source.objects.count(), Document.objects.count()) == (0, 1)
    details = AuditEvent.objects.get(action="source.delete").details
    assert (details["documents"], details["before"]["address"]) == (1, source.address)


@pytest.mark.parametrize("path", ["", "add/", "1/change/", "1/delete/", "1/history/"])
def test_cleo_gets_nothing_even_as_staff(client: Client, path: str) -> None:
    source = make_source()
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    response = client.get(LIST + path.replace("1", str(source.pk)), follow=True)
    assert response.status_code == 403
    assert "wiki.example" not in response.content.decode()


def test_cleo_neither_syncs_nor_sees_items(client: Client, handed: list[Any]) -> None:
    source = make_source()
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    assert client.post(f"{LIST}{source.pk}/sync/").status_code == 403
    assert client.get(ITEMS).status_code == 403
    assert handed == []
