"""Who may see a document: what is shown of it, what a change does, and what is asked before more people see it."""

import re
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

import knowledge
from askacme.lib.errors import InvalidInput, NotAllowed
from governance.access.audience import EVERYONE, Audience
from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.audience.grants import restate, settled_grants
from knowledge.audience.services import change_collection_audience
from knowledge.audience.view_as import audience_of_groups, audience_of_user
from knowledge.audience.viewers import administrators_outside, people_who_see, viewer
from knowledge.documents.models import Document
from knowledge.documents.services import AudienceChoice, change_audience, change_details, move_to_collection
from knowledge.index.models import Vector
from tests.cast import bearer, make_collection, make_document, make_user, upload_text

pytestmark = pytest.mark.django_db

LIST = "/admin/knowledge/document/"
NO_VERSIONS = {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}


def grants_of(document: Document) -> list[int]:
    (grants,) = {tuple(grants) for grants in document.vectors.values_list("grants", flat=True)}
    return list(grants)


def save(console: Client, document: Document, **fields: Any) -> str:
    """Send the document's form; its page if it is shown again, else nothing."""
    said = {"title": document.title, "owner": document.owner_id or "", **NO_VERSIONS, **fields}
    response = console.post(f"{LIST}{document.pk}/change/", said)
    return response.content.decode() if response.status_code == 200 else ""


# Grants


def test_vectors_repeat_who_may_see_the_document(team: Group, ana: User) -> None:
    assert grants_of(make_document(groups=(team,), owner=ana)) == [team.pk, -ana.pk]


@pytest.mark.parametrize("choice", ["everyone", "team", "owner"])
def test_a_change_of_audience_is_restated_at_once(team: Group, ana: User, choice: str) -> None:
    document = make_document(groups=(team,), owner=ana)
    audience = AudienceChoice(choice == "everyone", (team,) if choice == "team" else ())
    change_audience(document=document, audience=audience, actor=None)
    expected = {"everyone": [EVERYONE], "team": [team.pk], "owner": []}[choice]
    assert grants_of(document) == [*expected, -ana.pk]


def test_a_new_owner_sees_it_and_the_old_one_no_more(ana: User, ben: User) -> None:
    document = make_document(for_everyone=False, owner=ana)
    change_details(document=document, title=document.title, owner=ben, actor=None)
    assert grants_of(document) == [-ben.pk]
    assert not Document.objects.visible_to(Audience.of(ana)).exists()


def test_documents_with_equal_grants_are_restated_together(team: Group, django_assert_max_num_queries: Any) -> None:
    documents = [make_document(path=f"{n}.md", groups=(team,)) for n in range(3)]
    Vector.objects.update(grants=[])
    with django_assert_max_num_queries(4):
        restate(documents)
    assert set(map(tuple, Vector.objects.values_list("grants", flat=True))) == {(team.pk,)}


def test_a_deleted_group_lets_nobody_see_anything(team: Group, ana: User) -> None:
    document = make_document(groups=(team,))
    team.delete()
    assert grants_of(document) == []
    assert not Document.objects.visible_to(Audience.of(ana)).exists()


def test_a_deleted_owner_leaves_no_grant(ana: User) -> None:
    document = make_document(for_everyone=False, owner=ana)
    ana.delete()
    assert grants_of(document) == []


def test_the_last_version_s_vectors_follow_too(team: Group) -> None:
    document = make_document()
    make_document("# Parental leave\n\nTwenty weeks.\n")
    change_audience(document=document, audience=AudienceChoice(groups=(team,)), actor=None)
    assert grants_of(document) == [team.pk]


@pytest.mark.django_db(transaction=True)
def test_a_version_stored_while_its_collection_changes_is_restated(team: Group) -> None:
    collection, document = make_collection(team), make_document(for_everyone=False)
    move_to_collection(document=document, collection=collection, audience=AudienceChoice(inherits=True), actor=None)

    def open_up() -> None:
        everyone = AudienceChoice(for_everyone=True)
        change_collection_audience(collection=collection, audience=everyone, actor=None)
        connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            grants = settled_grants(document)
            change = other.submit(open_up)
            assert wait([change], timeout=0.5).not_done
            Vector.objects.update(grants=[*grants, -1])
        change.result(timeout=20)
    assert grants_of(document) == [EVERYONE]


def test_audiences_are_written_by_services_only() -> None:
    writes = re.compile(
        r"groups\.(set|add|remove|clear)\(|(?<!source)\.(for_everyone|inherits_audience|owner|collection) = "
    )
    package = Path(knowledge.__file__).parent
    writers = {str(file.relative_to(package)) for file in package.rglob("*.py") if writes.search(file.read_text())}
    assert writers == {"audience/services.py", "documents/services.py"}


def test_its_collection_s_audience_needs_a_collection() -> None:
    document = upload_text().document
    with pytest.raises(InvalidInput, match="in no collection"):
        change_audience(document=document, audience=AudienceChoice(inherits=True), actor=None)


# Widening


def test_a_wider_audience_is_on_record_with_the_number(team: Group, ana: User, ben: User, cleo: User) -> None:
    document = upload_text(groups=(team,)).document
    let_in = change_audience(document=document, audience=AudienceChoice(for_everyone=True), actor=ana)
    details = AuditEvent.objects.get(action="document.audience").details
    assert (details["widened"], details["more_people"], let_in.names) == (True, 1, ("Cleo",))


def test_the_api_widens_without_asking_and_puts_it_on_record(client: Client, hr: User, team: Group, cleo: User) -> None:
    document = upload_text(groups=(team,)).document
    body = {"file": SimpleUploadedFile(document.path, b"# New"), "audience": "everyone"}
    assert client.post("/api/v1/documents", body, headers=bearer(hr)).status_code == 202
    details = AuditEvent.objects.get(action="document.audience").details
    assert (details["before"], details["after"]) == ({"audience": ["Team A"]}, {"audience": ["Everyone"]})
    assert details["more_people"] == 2


def test_a_narrower_audience_is_no_widening(team: Group, ana: User) -> None:
    document = upload_text().document
    assert change_audience(document=document, audience=AudienceChoice(groups=(team,)), actor=ana).count == 0
    assert "widened" not in AuditEvent.objects.get(action="document.audience").details


def test_the_console_asks_before_more_people_see_it(console: Client, team: Group, cleo: User) -> None:
    document = upload_text(groups=(team,)).document
    page = save(console, document, audience="everyone")
    assert "2 more people will see it: Cleo, Hr." in page
    assert not Document.objects.get().for_everyone
    save(console, document, audience="everyone", confirmed="all.")
    assert Document.objects.get().for_everyone


def test_a_yes_to_one_audience_is_none_to_another(console: Client, team: Group, cleo: User) -> None:
    document = upload_text(for_everyone=False).document
    assert "more people" in save(console, document, audience="everyone", confirmed=f"{team.pk}.")
    assert not Document.objects.get().for_everyone


def test_narrowing_needs_no_yes(console: Client, team: Group, cleo: User) -> None:
    document = upload_text().document
    save(console, document, audience="groups", audience_groups=[team.pk])
    assert Document.objects.get().audience_names == ["Team A"]


def test_an_upload_never_shows_a_known_document_to_more_people(console: Client, team: Group, cleo: User) -> None:
    document = upload_text(groups=(team,)).document
    new = SimpleUploadedFile(document.path, b"# New")
    page = console.post(f"{LIST}upload/", {"uploads": [new], "audience": "everyone"}).content.decode()
    assert "2 more people would see it (Cleo and Hr)" in page or "2 more people would see it (Cleo, Hr)" in page
    assert (document.versions.count(), Document.objects.get().audience_names) == (2, ["Team A"])


# Who can see this


def test_every_reason_is_named(team: Group, ana: User, ben: User, cleo: User) -> None:
    document = upload_text(groups=(team,), owner=ana).document
    seen = {str(user): viewer(user, document).reasons for user in people_who_see(document)}
    assert seen == {"Ana": ("In the group “Team A”", "Owns it"), "Ben": ("In the group “Team A”",)}


def test_a_collection_s_reasons_name_it(team: Group, ana: User) -> None:
    document = upload_text().document
    move_to_collection(
        document=document, collection=make_collection(team), audience=AudienceChoice(inherits=True), actor=None
    )
    (user,) = people_who_see(document)
    assert viewer(user, document).reasons == ("In the group “Team A”, through the collection “Handbook”",)


def test_the_page_lists_people_and_those_who_only_administer(console: Client, team: Group, ana: User, hr: User) -> None:
    document = upload_text(groups=(team,)).document
    assert list(administrators_outside(document)) == [hr]
    page = console.get(f"{LIST}{document.pk}/viewers/").content.decode()
    assert "1 person can see it" in page
    assert "In the group “Team A”" in page
    assert "1 person administers it, but cannot read it" in page


def test_the_page_costs_the_same_for_many_people(console: Client, team: Group, django_assert_num_queries: Any) -> None:
    document = upload_text(groups=(team,)).document
    team.user_set.set(User.objects.bulk_create(User(email=f"p{n}@acme.example") for n in range(60)))
    url = f"{LIST}{document.pk}/viewers/"
    console.get(url)
    with django_assert_num_queries(10):
        page = console.get(url).content.decode()
    assert "60 people can see it" in page
    assert "Page 1 of 2" in page
    assert "1 person can see it of those called “p59@”" in console.get(url, {"q": "p59@"}).content.decode()


def test_an_inactive_person_is_not_listed(team: Group) -> None:
    document = upload_text(groups=(team,)).document
    make_user("gone@acme.example", team, is_active=False)
    assert not people_who_see(document).exists()


@pytest.mark.parametrize("page", ["viewers/", "reviewed/"])
def test_cleo_is_not_told_who_sees_what(client: Client, page: str) -> None:
    document = upload_text().document
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    assert client.get(f"{LIST}{document.pk}/{page}").status_code == 403


def test_nobody_sees_nothing_of_a_document_that_is_not_there(console: Client) -> None:
    assert console.get(f"{LIST}4711/viewers/").status_code == 404


# View as


def test_hr_looks_through_others_eyes_and_it_is_on_record(hr: User, team: Group, ana: User) -> None:
    assert audience_of_user(ana, actor=hr) == Audience.of(ana)
    assert audience_of_groups([team], actor=hr) == Audience(None, (team.pk,))
    events = AuditEvent.objects.filter(action="search.view_as", actor=hr)
    assert set(events.values_list("target", flat=True)) == {"ana@acme.example", "Team A"}


def test_cleo_looks_through_nobody_s_eyes(cleo: User, ana: User, team: Group) -> None:
    with pytest.raises(NotAllowed):
        audience_of_user(ana, actor=cleo)
    with pytest.raises(NotAllowed):
        audience_of_groups([team], actor=cleo)
    assert not AuditEvent.objects.filter(action="search.view_as").exists()
