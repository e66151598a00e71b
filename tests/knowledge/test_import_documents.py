"""`manage.py import_documents`: files and folders from the disk."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.documents.models import Document, DocumentVersion
from knowledge.index.models import Chunk
from tests.cast import PARENTAL_LEAVE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.management.commands.import_documents.PING_TIMEOUT_S", 0.05)


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    (folder / "people").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "people" / "leave.md").write_text(PARENTAL_LEAVE)
    (folder / "a.txt").write_text("The office opens at eight.")
    (folder / "song.mp3").write_bytes(b"ID3\x04\x00\x00")
    (folder / ".git" / "config.md").write_text("# hidden")
    return folder


def run(*arguments: str | Path, **options: Any) -> str:
    out = StringIO()
    call_command("import_documents", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def test_a_folder_is_taken_in_with_paths_from_the_folder_on(handbook: Path) -> None:
    out = run(handbook)
    assert list(Document.objects.order_by("path").values_list("path", flat=True)) == ["a.txt", "people/leave.md"]
    assert "queued    people/leave.md" in out
    assert "failed    song.mp3: Files ending in .mp3 can't be read yet" in out


def test_waiting_without_a_worker_does_the_work_here(handbook: Path) -> None:
    out = run(handbook, "--wait")
    assert set(DocumentVersion.objects.values_list("state", flat=True)) == {"ready"}
    assert "1 failed, 2 ready." in out


def test_the_json_names_every_file(handbook: Path) -> None:
    said = json.loads(run(handbook, "--wait", "--json"))
    assert (said["ready"], said["failed"], said["unchanged"]) == (2, 1, 0)
    leave = next(file for file in said["files"] if file["path"] == "people/leave.md")
    assert leave["outcome"] == "ready"
    assert leave["chunks"] == Chunk.objects.filter(version=leave["version_id"]).count() > 0


def test_unchanged_files_cost_nothing(handbook: Path) -> None:
    run(handbook, "--wait")
    before = AuditEvent.objects.count()
    said = json.loads(run(handbook, "--wait", "--json"))
    assert (said["ready"], said["unchanged"]) == (0, 2)
    assert DocumentVersion.objects.count() == 2
    assert AuditEvent.objects.count() == before


def test_one_file_is_named_by_its_name(handbook: Path) -> None:
    run(handbook / "people" / "leave.md")
    assert Document.objects.get().path == "leave.md"


def test_audience_and_owner_are_set(handbook: Path, team: Group, ana: User) -> None:
    run(handbook / "a.txt", audience=["Team A"], owner="ANA@acme.example")
    document = Document.objects.get()
    assert (document.for_everyone, document.audience_names, document.owner) == (False, ["Team A"], ana)


def test_without_an_audience_a_known_document_keeps_its_own(handbook: Path, team: Group) -> None:
    run(handbook / "a.txt", audience=["Team A"])
    (handbook / "a.txt").write_text("The office opens at nine.")
    run(handbook / "a.txt")
    document = Document.objects.get()
    assert (document.versions.count(), document.audience_names) == (2, ["Team A"])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"audience": ["Nobody"]}, "There is no group Nobody"),
        ({"owner": "ghost@acme.example"}, "no active user 'ghost@acme.example'"),
    ],
)
def test_a_wrong_name_stops_before_anything_is_done(handbook: Path, options: Any, complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        run(handbook, **options)
    assert not Document.objects.exists()


def test_a_missing_path_stops_before_anything_is_done(handbook: Path) -> None:
    with pytest.raises(CommandError, match="There is no file or folder"):
        run(handbook, handbook / "gone")
    assert not Document.objects.exists()


def test_two_files_that_would_be_one_document_are_refused(handbook: Path) -> None:
    other = write(handbook / "people" / "a.txt")
    with pytest.raises(CommandError, match="import the folder above them"):
        run(handbook / "a.txt", other)
    assert not Document.objects.exists()


def test_a_file_named_twice_is_taken_in_once(handbook: Path) -> None:
    assert json.loads(run(handbook / "a.txt", handbook / "a.txt", "--json"))["queued"] == 1


def test_a_link_that_leaves_the_folder_is_not_followed(handbook: Path, tmp_path: Path) -> None:
    outside = write(tmp_path / "secret.txt")
    (handbook / "link.txt").symlink_to(outside)
    assert "link.txt" not in run(handbook)


def test_importing_nothing_fails_with_the_reason(handbook: Path) -> None:
    with pytest.raises(CommandError, match="Nothing was imported: 1 failed"):
        run(handbook / "song.mp3")


def test_an_empty_folder_fails_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file to import"):
        run(tmp_path)


def test_a_file_without_text_is_failed_and_named_in_the_summary(handbook: Path) -> None:
    write(handbook / "blank.md", "   \n\n")
    out = run(handbook, "--wait")
    assert "  failed: blank.md: This file is empty." in out


def write(path: Path, text: str = "Some words.") -> Path:
    path.write_text(text)
    return path
