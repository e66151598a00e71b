"""`manage.py sync_folder`: documents kept in step with a folder."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connections

from governance.access.audience import Audience
from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.services import withdraw
from knowledge.index.models import Chunk
from knowledge.sources.models import Source, SourceItem
from knowledge.sources.services import LOCK_CLASS
from tests.cast import PARENTAL_LEAVE, upload_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.sources.commandline.PING_TIMEOUT_S", 0.05)


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    (folder / "people").mkdir(parents=True)
    write(folder / "people" / "leave.md", PARENTAL_LEAVE)
    write(folder / "a.txt", "The office opens at eight.")
    return folder


def write(path: Path, text: str = "Some words.") -> Path:
    path.write_text(text)
    return path


def run(folder: Path, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("sync_folder", str(folder), *arguments, stdout=out, **options)
    return out.getvalue()


def outcomes(folder: Path, *arguments: str) -> dict[str, str]:
    said = json.loads(run(folder, "--json", *arguments))
    return {item["address"]: item["outcome"] for item in said["items"]}


def many(folder: Path, count: int = 12) -> list[Path]:
    return [write(folder / f"{n:02}.md", f"# Page {n}\n\nWords of page {n}.") for n in range(count)]


def test_a_first_run_takes_in_every_file_for_everyone(handbook: Path) -> None:
    assert outcomes(handbook) == {"a.txt": "new", "people/leave.md": "new"}
    assert set(Document.objects.values_list("path", "for_everyone")) == {("a.txt", True), ("people/leave.md", True)}
    assert Source.objects.get().name == "handbook"


def test_a_second_run_embeds_nothing_and_opens_no_file(handbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(handbook, "--wait")
    before = (DocumentVersion.objects.count(), AuditEvent.objects.count())

    def no_file_is_read(*_: Any, **__: Any) -> None:
        raise AssertionError("a file was read")

    monkeypatch.setattr("knowledge.sources.folder.take_in", no_file_is_read)
    assert outcomes(handbook, "--wait") == {"a.txt": "unchanged", "people/leave.md": "unchanged"}
    assert (DocumentVersion.objects.count(), AuditEvent.objects.count()) == before


def test_a_second_run_asks_the_database_no_more_for_more_files(
    handbook: Path, django_assert_max_num_queries: Any
) -> None:
    many(handbook)
    run(handbook)
    with django_assert_max_num_queries(12):
        run(handbook)


def test_waiting_reads_what_was_taken_in(handbook: Path) -> None:
    assert outcomes(handbook, "--wait") == {"a.txt": "ready", "people/leave.md": "ready"}
    assert Chunk.objects.exists()


def test_a_changed_file_is_the_next_version(handbook: Path) -> None:
    run(handbook)
    write(handbook / "a.txt", "The office opens at nine.")
    assert outcomes(handbook) == {"a.txt": "changed", "people/leave.md": "unchanged"}
    assert Document.objects.get(path="a.txt").versions.count() == 2


def test_a_file_that_was_only_touched_stays_the_version_it_is(handbook: Path) -> None:
    run(handbook)
    os.utime(handbook / "a.txt", ns=(1, 1))
    assert outcomes(handbook)["a.txt"] == "unchanged"
    assert SourceItem.objects.get(address="a.txt").etag.endswith(":1")


def test_a_removed_file_withdraws_its_document(handbook: Path) -> None:
    run(handbook, "--wait")
    (handbook / "people" / "leave.md").unlink()
    assert outcomes(handbook)["people/leave.md"] == "removed"
    assert not Document.objects.filter(path="people/leave.md").exists()
    assert not Chunk.objects.filter(text__contains="16 weeks").exists()
    assert AuditEvent.objects.filter(action="document.delete", target="people/leave.md").exists()


def test_a_renamed_file_is_a_removed_and_a_new_one(handbook: Path) -> None:
    run(handbook)
    (handbook / "a.txt").rename(handbook / "b.txt")
    assert outcomes(handbook) == {"people/leave.md": "unchanged", "b.txt": "new", "a.txt": "removed"}


def test_a_missing_folder_removes_nothing(handbook: Path, tmp_path: Path) -> None:
    run(handbook)
    handbook.rename(tmp_path / "elsewhere")
    with pytest.raises(CommandError, match="There is no file or folder"):
        run(handbook)
    assert Document.objects.count() == 2
    assert "There is no file or folder" in Source.objects.get().error


def test_a_folder_that_never_was_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        run(tmp_path / "nowhere")
    assert not Source.objects.exists()


def test_a_folder_that_cannot_be_read_removes_nothing(handbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(handbook)
    refuse(monkeypatch, handbook)
    with pytest.raises(CommandError, match="cannot be read"):
        run(handbook)
    assert Document.objects.count() == 2


def test_files_below_a_closed_folder_are_kept(handbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(handbook)
    refuse(monkeypatch, handbook / "people")
    assert outcomes(handbook) == {"a.txt": "unchanged", "people/leave.md": "kept"}
    assert Document.objects.count() == 2


def refuse(monkeypatch: pytest.MonkeyPatch, closed: Path) -> None:
    """As for a user without the right to list the folder: the tests may run as root, who has it."""
    real = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)


def test_a_folder_that_is_suddenly_empty_removes_nothing(handbook: Path) -> None:
    run(handbook)
    for file in [handbook / "a.txt", handbook / "people" / "leave.md"]:
        file.unlink()
    with pytest.raises(CommandError, match="2 of 2 documents would be withdrawn"):
        run(handbook)
    assert Document.objects.count() == 2
    run(handbook, "--force")
    assert not Document.objects.exists()


def test_when_more_than_half_would_vanish_nothing_is_removed(handbook: Path) -> None:
    files = many(handbook)
    run(handbook)
    for file in files[:11]:
        file.unlink()
    with pytest.raises(CommandError, match="11 of 14 documents would be withdrawn"):
        run(handbook)
    assert Document.objects.count() == 14
    assert "11 of 14" in Source.objects.get().error


def test_ten_files_may_go_at_once(handbook: Path) -> None:
    files = many(handbook)
    run(handbook)
    for file in files[:10]:
        file.unlink()
    run(handbook)
    assert Document.objects.count() == 4


def test_a_file_that_cannot_be_opened_is_reported_and_not_removed(
    handbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(handbook)
    write(handbook / "a.txt", "The office opens at nine.")
    real = Path.open

    def refuse_to_open(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse_to_open)
    assert "failed    a.txt: The file cannot be read: Permission denied." in run(handbook)
    assert Document.objects.filter(path="a.txt").exists()
    monkeypatch.undo()
    assert outcomes(handbook)["a.txt"] == "changed"


def test_a_kind_that_is_not_read_is_reported(handbook: Path) -> None:
    (handbook / "song.mp3").write_bytes(b"ID3\x04\x00\x00")
    assert "failed    song.mp3: Files ending in .mp3 can't be read yet" in run(handbook)
    assert SourceItem.objects.get(address="song.mp3").error


def test_a_run_in_which_everything_fails_fails(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(b"ID3\x04\x00\x00")
    with pytest.raises(CommandError, match="Nothing of"):
        run(tmp_path)


def test_a_document_uploaded_by_hand_is_left_as_it_is(handbook: Path, team: Group) -> None:
    by_hand = upload_text("By hand.", path="a.txt", groups=(team,)).document
    assert "failed    a.txt: The document 'a.txt' was uploaded by hand" in run(handbook)
    assert by_hand.versions.count() == 1
    (handbook / "a.txt").unlink()
    run(handbook)
    assert Document.objects.filter(pk=by_hand.pk).exists()


def test_a_document_by_hand_can_be_taken_over_and_keeps_its_audience(handbook: Path, team: Group) -> None:
    by_hand = upload_text("By hand.", path="a.txt", groups=(team,)).document
    assert outcomes(handbook, "--take-over")["a.txt"] == "changed"
    by_hand.refresh_from_db()
    assert (by_hand.versions.count(), by_hand.audience_names) == (2, ["Team A"])


def test_a_document_of_another_source_is_left_to_it(handbook: Path, tmp_path: Path) -> None:
    run(handbook)
    other = tmp_path / "other"
    other.mkdir()
    write(other / "a.txt")
    with pytest.raises(CommandError, match="Nothing of 'other'"):
        run(other, "--take-over")
    assert "belongs to the source 'handbook'" in SourceItem.objects.get(source__name="other").error


def test_a_document_deleted_by_a_person_stays_out_until_its_file_changes(handbook: Path) -> None:
    run(handbook)
    withdraw(document=Document.objects.get(path="a.txt"), actor=None)
    assert outcomes(handbook)["a.txt"] == "kept"
    assert not Document.objects.filter(path="a.txt").exists()
    write(handbook / "a.txt", "The office opens at nine.")
    assert outcomes(handbook)["a.txt"] == "new"


def test_a_file_that_could_not_be_read_is_said_again(handbook: Path) -> None:
    write(handbook / "blank.md", "  \n\n")
    run(handbook, "--wait")
    assert "failed    blank.md: This file is empty." in run(handbook)


def test_an_audience_is_kept_in_a_collection_and_remembered(handbook: Path, team: Group, ana: User, cleo: User) -> None:
    run(handbook, audience=["Team A"], owner="ana@acme.example")
    write(handbook / "later.md")
    run(handbook)
    assert {(d.inherits_audience, d.owner, *d.audience_names) for d in Document.objects.all()} == {
        (True, ana, "Team A")
    }
    assert not Document.objects.visible_to(Audience.of(cleo)).exists()


def test_an_audience_other_than_the_collections_is_refused(handbook: Path, team: Group) -> None:
    Group.objects.create(name="Team B")
    run(handbook, audience=["Team A"])
    with pytest.raises(CommandError, match="is seen by others"):
        run(handbook, audience=["Team B"])


def test_a_known_document_keeps_the_audience_a_person_gave_it(handbook: Path, team: Group) -> None:
    run(handbook)
    document = Document.objects.get(path="a.txt")
    Document.objects.filter(pk=document.pk).update(for_everyone=False)
    document.groups.set([team])
    write(handbook / "a.txt", "The office opens at nine.")
    run(handbook)
    document.refresh_from_db()
    assert document.audience_names == ["Team A"]


def test_a_dry_run_says_it_and_does_nothing(handbook: Path) -> None:
    assert outcomes(handbook, "--dry-run") == {"a.txt": "new", "people/leave.md": "new"}
    assert (Source.objects.count(), Document.objects.count()) == (0, 0)
    run(handbook)
    (handbook / "a.txt").unlink()
    write(handbook / "people" / "leave.md", "# Other")
    assert outcomes(handbook, "--dry-run") == {"people/leave.md": "changed", "a.txt": "removed"}
    assert (Document.objects.count(), DocumentVersion.objects.count()) == (2, 2)


def test_two_runs_of_one_source_do_not_meet(handbook: Path) -> None:
    run(handbook)
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        key = [LOCK_CLASS, Source.objects.get().pk]
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
        with pytest.raises(CommandError, match="is being synced already"):
            run(handbook)
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
    other.close()
    assert Source.objects.get().error == ""
    run(handbook)


def test_the_lock_is_given_back_after_a_failure(handbook: Path) -> None:
    run(handbook)
    for file in handbook.rglob("*.*"):
        file.unlink()
    for _ in range(2):
        with pytest.raises(CommandError, match="would be withdrawn"):
            run(handbook)


def test_a_name_is_of_one_folder(handbook: Path, tmp_path: Path) -> None:
    run(handbook, name="Handbook")
    with pytest.raises(CommandError, match="is the source 'Handbook' already"):
        run(handbook, name="Other")
    with pytest.raises(CommandError, match="another source named 'Handbook'"):
        run(tmp_path, name="Handbook")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"audience": ["Nobody"]}, "There is no group Nobody"),
        ({"collection": "Nothing"}, "There is no collection 'Nothing'"),
        ({"owner": "ghost@acme.example"}, "no active user"),
    ],
)
def test_a_wrong_name_stops_before_anything_is_done(handbook: Path, options: Any, complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        run(handbook, **options)
    assert not Source.objects.exists()


def test_a_link_that_leaves_the_folder_is_not_followed(handbook: Path, tmp_path: Path) -> None:
    (handbook / "link.txt").symlink_to(write(tmp_path / "secret.txt"))
    assert "link.txt" not in run(handbook)


def test_a_card_number_in_a_file_s_name_is_kept_nowhere_and_the_file_is_known_again(handbook: Path) -> None:
    folder = handbook / "card 4111 1111 1111 1111"
    folder.mkdir()
    write(folder / "limits.md", "# Limits\n\nThe limit is 500 dollars.")
    assert list(outcomes(handbook).values()).count("new") == 3
    assert not SourceItem.objects.filter(address__contains="1111").exists()
    assert set(outcomes(handbook).values()) == {"unchanged"}
    folder.rename(handbook / "cards")
    assert sorted(outcomes(handbook).values()) == ["new", "removed", "unchanged", "unchanged"]
