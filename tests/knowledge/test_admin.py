"""HR's console: uploading, following, correcting and deleting documents; and who may not."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from knowledge.documents.models import Document, DocumentVersion
from knowledge.index.models import Chunk
from tests.cast import make_document, make_user, upload_text

pytestmark = pytest.mark.django_db

LIST = "/admin/knowledge/document/"
UPLOAD = f"{LIST}upload/"


def file(name: str = "leave.md", content: bytes = b"# Leave\n\nSixteen weeks.") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send(console: Client, *files: SimpleUploadedFile, audience: str = "everyone", **fields: Any) -> str:
    response = console.post(UPLOAD, {"uploads": files, "audience": audience, **fields})
    assert response.status_code == 200
    return response.content.decode()


def failed_version(reason: str = "no text found (a scan?)") -> DocumentVersion:
    version = upload_text()
    DocumentVersion.objects.filter(pk=version.pk).update(state="failed", error=reason, error_code="no_text_found")
    return version


def test_adding_a_document_leads_to_the_upload_page(console: Client) -> None:
    response = console.get(f"{LIST}add/")
    assert (response.status_code, response["Location"]) == (302, UPLOAD)


def test_several_files_become_documents_owned_by_the_uploader(console: Client, hr: User) -> None:
    send(console, file("a.md"), file("b.md"), owner=hr.pk)
    assert set(Document.objects.values_list("path", "owner", "for_everyone")) == {
        ("a.md", hr.pk, True),
        ("b.md", hr.pk, True),
    }


def test_one_bad_file_does_not_stop_the_others(console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ASKACME.__dict__, "max_upload_bytes", 100)
    page = send(console, file("empty.md", b""), file("huge.md", b"x" * 101), file("good.md"))
    assert "The file is empty." in page
    assert "The file is larger than" in page
    assert Document.objects.get().path == "good.md"


def test_the_form_sent_twice_costs_nothing(console: Client) -> None:
    send(console, file())
    page = send(console, file())
    assert "Unchanged" in page
    assert DocumentVersion.objects.count() == 1
    assert AuditEvent.objects.filter(action="document.upload").count() == 1


@pytest.mark.parametrize(("audience", "complaint"), [("", "required"), ("groups", "Choose at least one group")])
def test_no_audience_is_assumed(console: Client, audience: str, complaint: str) -> None:
    assert complaint in send(console, file(), audience=audience)
    assert not Document.objects.exists()


def test_an_upload_for_groups_is_seen_by_these_only(console: Client, team: Group) -> None:
    send(console, file(), audience="groups", audience_groups=[team.pk])
    document = Document.objects.get()
    assert (document.for_everyone, document.audience_names) == (False, ["Team A"])


def test_only_the_owner_means_nobody_else(console: Client, team: Group) -> None:
    send(console, file(), audience="owner", audience_groups=[team.pk])
    assert Document.objects.get().audience_names == []


def test_an_upload_that_changes_who_sees_a_document_says_so(console: Client, team: Group) -> None:
    send(console, file(), audience="groups", audience_groups=[team.pk])
    assert "changed from Team A to Everyone" in send(console, file(content=b"new"))


def test_a_title_fits_one_file_only(console: Client) -> None:
    assert "A title fits one file only" in send(console, file("a.md"), file("b.md"), title="Leave")
    assert not Document.objects.exists()


def test_the_list_shows_reason_owner_and_audience(console: Client, team: Group, ana: User) -> None:
    failed_version("no text found (a scan?)")
    upload_text("# Other", path="b.md", groups=(team,), owner=ana)
    page = console.get(LIST).content.decode()
    for words in ("no text found (a scan?)", "Try again", "Team A", "Ana", "b.md"):
        assert words in page


def test_the_list_follows_what_is_unfinished(console: Client) -> None:
    version = upload_text()
    page = console.get(LIST).content.decode()
    assert f"{LIST}progress/?version={version.pk}" in page
    assert "<progress" in page
    assert f'aria-label="Reading {version.filename}"' in page


def test_progress_asks_on_until_all_are_finished(console: Client) -> None:
    version = upload_text()
    DocumentVersion.objects.filter(pk=version.pk).update(state="embedding", progress=40)
    going = console.get(f"{LIST}progress/", {"version": version.pk}).content.decode()
    assert 'value="40"' in going
    assert "hx-get" in going
    DocumentVersion.objects.filter(pk=version.pk).update(state="ready", progress=100, text="x")
    done = console.get(f"{LIST}progress/", {"version": version.pk}).content.decode()
    assert f'id="state-{version.pk}" data-state="ready" hx-swap-oob="true"' in done
    assert "hx-get" not in done


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"a.md", "b.md", "c.md"}),
        ("?state=failed", {"b.md"}),
        ("?state=working", {"a.md", "c.md"}),
        ("?audience=everyone", {"a.md", "b.md"}),
        ("?audience=owner", set()),
        ("?q=c.md", {"c.md"}),
    ],
)
def test_the_list_is_filtered_and_searched(console: Client, team: Group, query: str, expected: set[str]) -> None:
    upload_text("# A", path="a.md")
    failed = upload_text("# B", path="b.md")
    DocumentVersion.objects.filter(pk=failed.pk).update(state="failed", error="broken")
    upload_text("# C", path="c.md", groups=(team,))
    shown = console.get(f"{LIST}{query}").context["cl"].result_list
    assert {document.path for document in shown} == expected


def test_the_list_costs_the_same_for_many_documents(
    console: Client, team: Group, ana: User, django_assert_num_queries: Any
) -> None:
    for n in range(8):
        upload_text(f"# {n}", path=f"{n}.md", groups=(team,), owner=ana)
    console.get(LIST)
    with django_assert_num_queries(11):
        console.get(LIST)


def test_title_owner_and_audience_are_changed_and_recorded(console: Client, team: Group, ana: User) -> None:
    document = upload_text().document
    fields = {"title": "Leave", "owner": ana.pk, "audience": "groups", "audience_groups": [team.pk]}
    versions = {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}
    response = console.post(f"{LIST}{document.pk}/change/", {**fields, **versions})
    assert response.status_code == 302
    document = Document.objects.get()
    assert (document.title, document.owner, document.audience_names) == ("Leave", ana, ["Team A"])
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"document.change", "document.audience"}


def test_a_document_s_page_shows_its_versions(console: Client) -> None:
    document = make_document()
    page = console.get(f"{LIST}{document.pk}/change/").content.decode()
    assert "1 (in use)" in page
    assert f"/documents/{document.current_id}/file" in page


def test_hr_administers_but_is_not_led_to_files_of_others(console: Client, team: Group) -> None:
    version = upload_text(groups=(team,))
    page = console.get(f"{LIST}{version.document_id}/change/").content.decode()
    assert version.filename in page
    assert f"/documents/{version.pk}/file" not in page


def test_a_new_version_keeps_audience_and_owner(console: Client, team: Group, ana: User) -> None:
    document = upload_text(groups=(team,), owner=ana).document
    response = console.post(f"{LIST}{document.pk}/new-version/", {"file": file("other-name.md", b"# New")})
    assert response.status_code == 302
    document.refresh_from_db()
    assert (document.versions.count(), document.owner, document.audience_names) == (2, ana, ["Team A"])


@pytest.mark.parametrize(
    ("upload", "complaint"), [(file("x.pdf", b"%PDF-1.7"), "is a .md file"), (file("x.md", b""), "The file is empty")]
)
def test_a_new_version_that_cannot_be_is_refused(console: Client, upload: SimpleUploadedFile, complaint: str) -> None:
    document = upload_text().document
    response = console.post(f"{LIST}{document.pk}/new-version/", {"file": upload})
    assert complaint in response.content.decode()
    assert document.versions.count() == 1


def test_a_new_version_of_nothing_is_not_found(console: Client) -> None:
    assert console.get(f"{LIST}no-number/new-version/").status_code == 404


def test_a_failed_version_is_tried_again(console: Client) -> None:
    version = failed_version()
    response = console.post(f"{LIST}versions/{version.pk}/retry/")
    assert response.status_code == 302
    version.refresh_from_db()
    assert (version.state, version.error) == ("queued", "")
    assert console.get(f"{LIST}versions/{version.pk}/retry/").status_code == 405


def test_deleting_says_what_it_means_and_leaves_nothing(console: Client) -> None:
    document = make_document()
    url = f"{LIST}{document.pk}/delete/"
    assert "no way back" in console.get(url).content.decode()
    console.post(url, {"post": "yes"})
    assert (Document.objects.count(), Chunk.objects.count()) == (0, 0)
    assert AuditEvent.objects.filter(action="document.delete", target=document.path).exists()


def test_deleting_many_is_recorded_one_by_one(console: Client) -> None:
    ids = [upload_text(f"# {n}", path=f"{n}.md").document_id for n in range(3)]
    chosen = {"action": "delete_selected", "_selected_action": ids}
    assert "Delete 3 documents for good?" in console.post(LIST, chosen).content.decode()
    console.post(LIST, {**chosen, "post": "yes"})
    assert not Document.objects.exists()
    assert AuditEvent.objects.filter(action="document.delete").count() == 3


@pytest.mark.parametrize(
    "path", ["", "add/", "upload/", "progress/", "1/change/", "1/new-version/", "1/delete/", "1/history/"]
)
def test_cleo_gets_nothing_even_as_staff(client: Client, path: str) -> None:
    upload_text()
    cleo = make_user("cleo@acme.example", is_staff=True)
    client.force_login(cleo)
    document = Document.objects.get()
    response = client.get(LIST + path.replace("1", str(document.pk)), follow=True)
    assert response.status_code == 403
    assert document.title not in response.content.decode()


def test_cleo_can_neither_upload_nor_retry(client: Client) -> None:
    version = failed_version()
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    assert client.post(UPLOAD, {"uploads": [file()], "audience": "everyone"}).status_code == 403
    assert client.post(f"{LIST}versions/{version.pk}/retry/").status_code == 403
    version.refresh_from_db()
    assert version.state == "failed"


def test_an_uploader_who_may_not_change_documents_cannot_replace_one(client: Client) -> None:
    document = upload_text().document
    intern = make_user("intern@acme.example", is_staff=True)
    intern.user_permissions.set([p for p in ensure_roles()["HR"].permissions.all() if p.codename == "add_document"])
    client.force_login(intern)
    page = send(client, file(document.path))
    assert "your account may not change it" in page
    assert document.versions.count() == 1


def test_the_overview_counts_documents(console: Client) -> None:
    upload_text()
    failed_version()
    figures = {figure.name: figure.value for figure in console.get("/admin/").context["figures"]}
    assert figures == {"Ready": "0", "In progress": "0", "Failed": "1", "Due for review": "0"}


def test_the_sidebar_shows_what_the_person_may_open(console: Client) -> None:
    page = console.get("/admin/").content.decode()
    assert UPLOAD in page
    assert "/admin/governance/auditevent/" not in page
