"""Collections: documents that share an audience, and how they come in and out."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.audience import EVERYONE, Audience
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from knowledge.audience.models import Collection
from knowledge.audience.services import (
    change_collection_audience,
    delete_collection,
    rename_collection,
)
from knowledge.documents.models import Document
from knowledge.documents.services import AudienceChoice, move_to_collection
from knowledge.sources.models import Source
from tests.cast import bearer, make_collection, make_document, make_user, upload_text

pytestmark = pytest.mark.django_db

LIST = "/admin/knowledge/collection/"
INHERITED = AudienceChoice(inherits=True)


def seen_by(user: User) -> set[str]:
    return set(Document.objects.visible_to(Audience.of(user)).values_list("path", flat=True))


def put_in(collection: Collection, document: Document, audience: AudienceChoice = INHERITED) -> Document:
    move_to_collection(document=document, collection=collection, audience=audience, actor=None)
    return document


def test_documents_are_seen_as_their_collection_says(team: Group, ana: User, cleo: User) -> None:
    document = put_in(make_collection(team), make_document(for_everyone=False))
    assert seen_by(ana) == {document.path}
    assert seen_by(cleo) == set()
    assert set(map(tuple, document.vectors.values_list("grants", flat=True))) == {(team.pk,)}


def test_a_document_may_keep_an_audience_of_its_own(team: Group, ana: User, cleo: User) -> None:
    put_in(make_collection(team), upload_text().document, AudienceChoice(for_everyone=True))
    assert seen_by(cleo) == {"parental-leave.md"}


def test_the_collection_s_new_audience_counts_at_once(team: Group, ana: User, cleo: User) -> None:
    collection = make_collection(team)
    document = put_in(collection, make_document(for_everyone=False))
    own = put_in(collection, make_document("# Other\n\nWords.", path="own.md"), AudienceChoice(groups=(team,)))
    let_in = change_collection_audience(collection=collection, audience=AudienceChoice(for_everyone=True), actor=None)
    assert let_in.names == ("Cleo",)
    assert seen_by(cleo) == {document.path}
    assert set(map(tuple, document.vectors.values_list("grants", flat=True))) == {(EVERYONE,)}
    assert set(map(tuple, own.vectors.values_list("grants", flat=True))) == {(team.pk,)}


def test_an_empty_collection_lets_nobody_in(team: Group, cleo: User) -> None:
    collection = make_collection(team)
    assert (
        change_collection_audience(collection=collection, audience=AudienceChoice(for_everyone=True), actor=None).count
        == 0
    )


def test_an_owner_is_no_newcomer_to_her_own_document(team: Group, ana: User, cleo: User) -> None:
    collection = make_collection(team)
    put_in(collection, upload_text(owner=cleo, for_everyone=False).document)
    wider = AudienceChoice(for_everyone=True)
    assert change_collection_audience(collection=collection, audience=wider, actor=None).count == 0


def test_a_move_is_on_record_with_both_places(team: Group, ana: User, cleo: User) -> None:
    document = put_in(make_collection(team), upload_text(for_everyone=False).document)
    put_in(make_collection(name="Open", for_everyone=True), document)
    details = AuditEvent.objects.filter(action="document.move").latest("id").details
    assert (details["before"]["collection"], details["after"]["collection"]) == ("Handbook", "Open")
    assert details["more_people"] == 1


def test_out_of_all_collections_needs_an_audience_of_its_own(team: Group) -> None:
    document = put_in(make_collection(team), upload_text().document)
    with pytest.raises(InvalidInput, match="in no collection"):
        move_to_collection(document=document, collection=None, actor=None)
    move_to_collection(document=document, collection=None, audience=AudienceChoice(groups=(team,)), actor=None)
    assert Document.objects.get().audience_names == ["Team A"]


def test_a_collection_with_documents_is_not_deleted(team: Group) -> None:
    collection = make_collection(team)
    put_in(collection, upload_text().document)
    with pytest.raises(Conflict, match="while a document is in it"):
        delete_collection(collection=collection, actor=None)


def test_a_collection_that_a_source_feeds_is_not_deleted(team: Group) -> None:
    collection = make_collection(team)
    Source.objects.create(name="Wiki", kind="folder", address="wiki", collection=collection)
    with pytest.raises(Conflict, match="the source “Wiki”"):
        delete_collection(collection=collection, actor=None)


def test_two_collections_are_not_called_the_same(team: Group) -> None:
    make_collection(team)
    other = make_collection(name="Other")
    with pytest.raises(Conflict, match="already"):
        rename_collection(collection=other, name="Handbook", description="", actor=None)
    with pytest.raises(Conflict, match="already"):
        make_collection(team)


# The console


def test_a_collection_is_made_changed_and_deleted_in_the_console(console: Client, team: Group, hr: User) -> None:
    console.post(f"{LIST}add/", {"name": "Pay", "audience": "groups", "audience_groups": [team.pk]})
    collection = Collection.objects.get()
    console.post(f"{LIST}{collection.pk}/change/", {"name": "Wages", "audience": "everyone"})
    collection.refresh_from_db()
    assert (collection.name, collection.for_everyone) == ("Wages", True)
    console.post(f"{LIST}{collection.pk}/delete/", {"post": "yes"})
    assert not Collection.objects.exists()
    acts = set(AuditEvent.objects.filter(actor=hr).values_list("action", flat=True))
    assert acts == {f"collection.{act}" for act in ("create", "rename", "audience", "delete")}


def test_the_console_asks_before_more_people_see_a_collection(console: Client, team: Group, cleo: User) -> None:
    collection = make_collection(team)
    put_in(collection, upload_text().document)
    fields = {"name": "Handbook", "audience": "everyone"}
    page = console.post(f"{LIST}{collection.pk}/change/", fields).content.decode()
    assert "2 more people will see it: Cleo, Hr." in page
    assert not Collection.objects.get().for_everyone
    console.post(f"{LIST}{collection.pk}/change/", {**fields, "confirmed": "all."})
    assert Collection.objects.get().for_everyone


def test_the_list_counts_documents_and_names_the_audience(
    console: Client, team: Group, django_assert_num_queries: Any
) -> None:
    for n in range(3):
        put_in(make_collection(team, name=f"C{n}"), upload_text(f"# {n}", path=f"{n}.md").document)
    console.get(LIST)
    with django_assert_num_queries(7):
        page = console.get(LIST).content.decode()
    assert page.count("1 document<") == 3
    assert "Team A" in page


def test_the_console_says_why_it_does_not_delete(console: Client, team: Group) -> None:
    collection = make_collection(team)
    put_in(collection, upload_text().document)
    page = console.post(f"{LIST}{collection.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert "while a document is in it" in page
    assert Collection.objects.exists()


@pytest.mark.parametrize("page", ["", "add/", "1/change/", "1/delete/"])
def test_cleo_gets_nothing_even_as_staff(client: Client, team: Group, page: str) -> None:
    collection = make_collection(team)
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    response = client.get(LIST + page.replace("1", str(collection.pk)))
    assert response.status_code == 403
    assert "Handbook" not in response.content.decode()


def test_documents_are_listed_by_collection_and_inherited_audience(console: Client, team: Group) -> None:
    collection = make_collection(team)
    put_in(collection, upload_text().document)
    upload_text("# Other", path="other.md")
    for query in (f"collection__id__exact={collection.pk}", f"audience={team.pk}"):
        shown = console.get(f"/admin/knowledge/document/?{query}").context["cl"].result_list
        assert [document.path for document in shown] == ["parental-leave.md"]
    assert not console.get("/admin/knowledge/document/?audience=owner").context["cl"].result_list


# Uploads


def send(console: Client, **fields: Any) -> str:
    file = SimpleUploadedFile("leave.md", b"# Leave\n\nSixteen weeks.")
    return console.post("/admin/knowledge/document/upload/", {"uploads": [file], **fields}).content.decode()


def test_an_upload_into_a_collection_is_seen_as_it_says(console: Client, team: Group) -> None:
    collection = make_collection(team)
    send(console, collection=collection.pk)
    document = Document.objects.get()
    assert (document.collection, document.audience_names) == (collection, ["Team A"])


def test_an_upload_into_no_collection_says_who_may_see_it(console: Client) -> None:
    assert "say who may see it" in send(console)
    assert "in no collection" in send(console, audience="collection")
    assert not Document.objects.exists()


def post_file(client: Client, user: User, **fields: str) -> Any:
    file = SimpleUploadedFile("leave.md", b"# Leave\n\nSixteen weeks.")
    return client.post("/api/v1/documents", {"file": file, **fields}, headers=bearer(user))


def test_the_api_takes_a_collection_instead_of_an_audience(client: Client, hr: User, team: Group) -> None:
    make_collection(team)
    accepted = post_file(client, hr, collection="Handbook")
    said = client.get(accepted.json()["url"], headers=bearer(hr)).json()
    assert (said["collection"], said["audience"]) == ("Handbook", ["Team A"])


@pytest.mark.parametrize("fields", [{}, {"collection": "No such"}, {"audience": ""}])
def test_the_api_refuses_what_says_nothing(client: Client, hr: User, fields: dict[str, str]) -> None:
    response = post_file(client, hr, **fields)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")


def test_the_api_lets_only_those_replace_who_may_change(client: Client, team: Group) -> None:
    upload_text(path="leave.md", groups=(team,))
    intern = make_user("intern@acme.example")
    intern.user_permissions.set([p for p in ensure_roles()["HR"].permissions.all() if p.codename == "add_document"])
    assert post_file(client, intern, audience="everyone").status_code == 403
    assert Document.objects.get().audience_names == ["Team A"]


def test_an_import_puts_new_documents_into_the_collection_and_leaves_known_ones(tmp_path: Path, team: Group) -> None:
    make_collection(team)
    (tmp_path / "leave.md").write_text("# Leave\n\nSixteen weeks.")
    call_command("import_documents", str(tmp_path), "--collection", "Handbook", "--json")
    put_in(make_collection(name="Secret"), Document.objects.get())
    (tmp_path / "leave.md").write_text("# Leave\n\nTwenty weeks.")
    call_command("import_documents", str(tmp_path), "--collection", "Handbook", "--json")
    document = Document.objects.get()
    assert (str(document.collection), document.versions.count(), document.audience_names) == ("Secret", 2, [])


def test_an_import_into_an_unknown_collection_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "leave.md").write_text("# Leave")
    with pytest.raises(CommandError, match="There is no collection 'Nowhere'"):
        call_command("import_documents", str(tmp_path), "--collection", "Nowhere")
    assert not Document.objects.exists()
