"""Documents and search over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from knowledge.documents.models import Document
from knowledge.index.models import Chunk
from knowledge.ingest.run import ingest
from tests.cast import PARENTAL_LEAVE, bearer, make_document, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hr() -> User:
    return make_user("hr@acme.example", ensure_roles()["HR"])


def post_file(client: Client, user: User, name: str = "leave.md", **fields: str) -> Any:
    body = {"file": SimpleUploadedFile(name, PARENTAL_LEAVE.encode()), "audience": "everyone"} | fields
    return client.post("/api/v1/documents", body, headers=bearer(user))


def test_an_upload_is_accepted_then_ready_then_found(client: Client, hr: User, no_worker: list[int]) -> None:
    accepted = post_file(client, hr)
    assert (accepted.status_code, accepted.json()["state"]) == (202, "queued")
    ingest(no_worker[0])
    status = client.get(accepted.json()["url"], headers=bearer(hr)).json()
    assert (status["state"], status["title"]) == ("ready", "Parental leave")
    assert status["chunks"] > 0
    hits = client.get("/api/v1/search", {"q": "weeks of leave"}, headers=bearer(hr)).json()
    assert hits[0]["path"] == "leave.md"


def test_the_same_file_twice_changes_nothing(client: Client, hr: User, no_worker: list[int]) -> None:
    first, second = post_file(client, hr).json(), post_file(client, hr).json()
    assert first["id"] == second["id"]
    assert len(no_worker) == 1


def test_a_path_with_dots_stays_a_name(client: Client, hr: User) -> None:
    post_file(client, hr, path="../../etc/passwd.md")
    document = Document.objects.get()
    assert document.path == "etc/passwd.md"
    assert ".." not in str(document.versions.get().file.name)


@pytest.mark.parametrize("audience", ["", "No such group", "everyone,No such group"])
def test_an_unclear_audience_is_refused(client: Client, hr: User, audience: str) -> None:
    response = post_file(client, hr, audience=audience)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")
    assert not Document.objects.exists()


def test_an_empty_file_is_refused(client: Client, hr: User) -> None:
    body = {"file": SimpleUploadedFile("empty.md", b""), "audience": "everyone"}
    response = client.post("/api/v1/documents", body, headers=bearer(hr))
    assert (response.status_code, response.json()["code"]) == (422, "empty_file")


def test_without_the_role_nothing_is_uploaded_or_deleted(client: Client, ana: User) -> None:
    document = make_document(owner=ana)
    assert post_file(client, ana, "other.md").status_code == 403
    assert client.delete(f"/api/v1/documents/{document.pk}", headers=bearer(ana)).status_code == 403


def test_cleo_sees_neither_the_document_nor_its_existence(client: Client, cleo: User, team: Group) -> None:
    document = make_document(groups=(team,))
    assert client.get(f"/api/v1/documents/{document.pk}", headers=bearer(cleo)).status_code == 404
    assert client.delete(f"/api/v1/documents/{document.pk}", headers=bearer(cleo)).status_code == 404
    assert client.get("/api/v1/documents", headers=bearer(cleo)).json() == []
    assert client.get("/api/v1/search", {"q": "parental leave"}, headers=bearer(cleo)).json() == []


def test_deleted_means_gone(client: Client, hr: User) -> None:
    document = make_document()
    file = Path(document.versions.get().file.path)
    assert client.delete(f"/api/v1/documents/{document.pk}", headers=bearer(hr)).status_code == 204
    assert not Chunk.objects.exists()
    assert not file.exists()
    assert client.get("/api/v1/search", {"q": "parental leave"}, headers=bearer(hr)).json() == []
    assert AuditEvent.objects.filter(action="document.delete", actor=hr).exists()
