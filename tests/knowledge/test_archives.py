"""Zip archives as uploads: by the console, the API and the import; and what is refused."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.test import Client

from governance.access.models import User
from governance.access.roles import ensure_roles
from knowledge.documents.archives import is_archive
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.services import AudienceChoice, upload
from tests.cast import bearer, make_user, upload_text
from tests.knowledge.files import make_docx, make_zip, understate_sizes

pytestmark = pytest.mark.django_db
UPLOAD = "/admin/knowledge/document/upload/"
API = "/api/v1/documents"
HANDBOOK = {
    "leave.md": b"# Leave\n\nSixteen weeks.",
    "travel/trains.txt": b"Book by train.",
    "song.mp3": b"ID3\x04\x00",
}


@pytest.fixture
def hr() -> User:
    return make_user("hr@acme.example", ensure_roles()["HR"], is_staff=True)


def post(client: Client, hr: User, archive: bytes, name: str = "handbook.zip", **fields: str) -> Any:
    body = {"file": SimpleUploadedFile(name, archive), "audience": "everyone"} | fields
    return client.post(API, body, headers=bearer(hr))


def paths() -> set[str]:
    return set(Document.objects.values_list("path", flat=True))


def encrypted() -> bytes:
    archive = bytearray(make_zip({"secret.txt": b"secret"}))
    archive[archive.find(b"PK\x01\x02") + 8] |= 1
    return bytes(archive)


def test_by_the_api_each_file_becomes_a_document(client: Client, hr: User) -> None:
    response = post(client, hr, make_zip(HANDBOOK))
    assert response.status_code == 202
    said = response.json()
    assert paths() == {"handbook/leave.md", "handbook/travel/trains.txt"}
    leave = Document.objects.get(path="handbook/leave.md")
    assert (said["id"], said["state"], said["url"]) == (leave.pk, "queued", f"http://testserver{API}/{leave.pk}")
    assert said["documents"][0] == {
        "path": "handbook/leave.md",
        "id": leave.pk,
        "state": "queued",
        "url": f"http://testserver{API}/{leave.pk}",
    }
    assert [document["path"] for document in said["documents"]][1:] == [
        "handbook/travel/trains.txt",
        "handbook/song.mp3",
    ]
    assert "can't be read yet" in said["documents"][2]["error"]


def test_the_answer_for_a_single_file_is_what_it_was(client: Client, hr: User) -> None:
    assert set(post(client, hr, b"# Leave", "leave.md").json()) == {"id", "state", "url"}


def test_the_same_archive_again_costs_nothing(client: Client, hr: User, no_worker: list[int]) -> None:
    post(client, hr, make_zip(HANDBOOK))
    post(client, hr, make_zip(HANDBOOK))
    assert DocumentVersion.objects.count() == 2


def test_a_changed_member_is_its_document_s_next_version(client: Client, hr: User) -> None:
    post(client, hr, make_zip(HANDBOOK))
    post(client, hr, make_zip(HANDBOOK | {"leave.md": b"# Leave\n\nTwenty weeks."}))
    assert Document.objects.get(path="handbook/leave.md").versions.count() == 2
    assert Document.objects.get(path="handbook/travel/trains.txt").versions.count() == 1


@pytest.mark.parametrize(
    ("archive", "status", "complaint"),
    [
        (lambda: make_zip({"a.txt": b"a", "bomb.txt": b" " * 100_000_000}), 422, "unpacks to far more"),
        (lambda: make_zip({"a.txt": b"a", "in.zip": make_zip({"b.txt": b" " * 100_000_000})}), 422, "unpacks to far"),
        (
            lambda: make_zip({"a.txt": b"a", "b.zip": make_zip({"c.zip": make_zip({"d.txt": b"d"})})}),
            422,
            "archive in an archive",
        ),
        (encrypted, 422, "protected by a password"),
        (lambda: make_zip({"a.txt": b"a", "/etc/passwd.txt": b"a"}), 422, "outside of itself"),
        (lambda: make_zip({"a.txt": b"a", "../b.txt": b"a"}), 422, "outside of itself"),
        (lambda: make_zip({f"{n}.txt": b"a" for n in range(2_001)}), 422, "holds too much"),
        (lambda: make_zip({"a.txt": b"a" * 1000})[:60], 422, "damaged"),
        (lambda: make_zip({}), 422, "holds no files"),
        (lambda: b"no zip at all", 422, "damaged"),
        (lambda: make_zip({"song.mp3": b"ID3\x04"}), 422, "No file of this zip archive could be taken in"),
        (lambda: b"", 422, "empty"),
    ],
)
def test_what_cannot_be_is_refused_as_a_whole_and_nothing_is_stored(
    client: Client, hr: User, archive: Callable[[], bytes], status: int, complaint: str
) -> None:
    response = post(client, hr, archive())
    assert response.status_code == status
    assert complaint in response.json()["detail"]
    assert paths() == set()


def test_a_damaged_member_is_refused_alone(client: Client, hr: User) -> None:
    lying = understate_sizes(make_zip({"lie.txt": b"x" * 100_000}), 10)
    said = post(client, hr, make_zip({"good.txt": b"Good.", "inner.zip": lying, "empty.txt": b""})).json()
    assert paths() == {"handbook/good.txt"}
    errors = {document["path"]: document.get("error", "") for document in said["documents"]}
    assert "damaged" in errors["handbook/inner.zip/lie.txt"]
    assert "empty" in errors["handbook/empty.txt"]


def test_a_member_larger_than_an_upload_may_be_is_refused(
    client: Client, hr: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.ASKACME.__dict__, "max_upload_bytes", 1_000)
    said = post(client, hr, make_zip({"good.txt": b"Good.", "big.txt": b"x" * 1_001})).json()
    assert "larger than" in said["documents"][1]["error"]
    assert paths() == {"handbook/good.txt"}


def test_two_members_that_would_be_one_document_do_not_become_its_versions(client: Client, hr: User) -> None:
    said = post(client, hr, make_zip({"a/b.txt": b"one", "a//b.txt": b"two"})).json()
    assert "Rename one of the two" in said["documents"][1]["error"]
    assert DocumentVersion.objects.count() == 1


def test_a_title_fits_no_archive(client: Client, hr: User) -> None:
    response = post(client, hr, make_zip(HANDBOOK), title="Leave")
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")


def test_office_files_and_misnamed_archives_are_no_archives() -> None:
    word = make_docx(lambda document: document.add_paragraph("a"))
    assert not is_archive(io.BytesIO(word), "a.docx")
    assert not is_archive(io.BytesIO(make_zip({"a.txt": b"a"})), "a.docx"), "its reading will say what is wrong"
    assert is_archive(io.BytesIO(make_zip({"a.txt": b"a"})), "handbook")


def test_the_console_tells_of_each_file(client: Client, hr: User) -> None:
    client.force_login(hr)
    files = [SimpleUploadedFile("handbook.zip", make_zip(HANDBOOK)), SimpleUploadedFile("bad.zip", b"PK\x03\x04")]
    page = client.post(UPLOAD, {"uploads": files, "audience": "everyone"}).content.decode()
    for words in ("leave.md", "trains.txt", "Files ending in .mp3", "This zip archive is damaged"):
        assert words in page
    assert paths() == {"handbook/leave.md", "handbook/travel/trains.txt"}


def test_the_console_takes_no_title_for_an_archive(client: Client, hr: User) -> None:
    client.force_login(hr)
    body = {"uploads": [SimpleUploadedFile("a.zip", make_zip(HANDBOOK))], "audience": "everyone", "title": "Leave"}
    assert "A title fits one file only" in client.post(UPLOAD, body).content.decode()
    assert paths() == set()


def test_who_may_only_add_replaces_nothing_by_an_archive(client: Client) -> None:
    version = upload_text("# Old", path="handbook/leave.md")
    intern = make_user("intern@acme.example", is_staff=True)
    intern.user_permissions.set([p for p in ensure_roles()["HR"].permissions.all() if p.codename == "add_document"])
    said = post(client, intern, make_zip(HANDBOOK)).json()
    errors = {document["path"]: document.get("error", "") for document in said["documents"]}
    assert "Your account may not do this" in errors["handbook/leave.md"]
    assert version.document.versions.count() == 1


def test_cleo_uploads_no_archive(client: Client, cleo: User) -> None:
    assert post(client, cleo, make_zip(HANDBOOK)).status_code == 403
    assert paths() == set()


def test_the_import_reads_an_archive_like_a_folder(tmp_path: Path) -> None:
    (tmp_path / "handbook.zip").write_bytes(make_zip(HANDBOOK))
    (tmp_path / "bad.zip").write_bytes(encrypted())
    out = StringIO()
    call_command("import_documents", str(tmp_path), "--json", stdout=out)
    outcomes = {file["path"]: file["outcome"] for file in json.loads(out.getvalue())["files"]}
    assert outcomes == {
        "bad.zip": "failed",
        "handbook/leave.md": "queued",
        "handbook/travel/trains.txt": "queued",
        "handbook/song.mp3": "failed",
    }


@pytest.mark.django_db(transaction=True)
def test_a_double_click_uploads_once(no_worker: list[int]) -> None:
    both_ready = Barrier(2)

    def click(_number: int) -> bool:
        try:
            both_ready.wait(10)
            audience = AudienceChoice(for_everyone=True)
            return upload(file=io.BytesIO(b"# A"), path="a.md", audience=audience, owner=None, actor=None).is_new
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(click, range(2))) == [False, True]
    assert DocumentVersion.objects.get().number == 1
    assert len(no_worker) == 1
