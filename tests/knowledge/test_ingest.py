"""From a stored file to searchable chunks, and every way it can go wrong."""

import io
import time
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from askacme.lib.errors import ModelUnavailable, ServiceUnavailable
from governance.access.audience import Audience
from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.documents.models import STALLED_AFTER, Document, DocumentVersion
from knowledge.documents.services import AudienceChoice, Upload, cancel, retry, upload, withdraw
from knowledge.index.embed import Embedded, embed
from knowledge.index.models import Chunk
from knowledge.ingest import run, sandbox
from knowledge.ingest.run import NoLongerOurs, ingest
from knowledge.ingest.sandbox import parse_safely
from knowledge.search.search import search
from tests.cast import PARENTAL_LEAVE, make_document, upload_text

pytestmark = pytest.mark.django_db
EVERYONE = AudienceChoice(for_everyone=True)
NOBODY = Audience.nobody()


def silence(version: DocumentVersion) -> None:
    """As if nothing had been heard of the version's worker for a while."""
    DocumentVersion.objects.filter(pk=version.pk).update(
        heartbeat_at=timezone.now() - STALLED_AFTER - timedelta(seconds=1)
    )


def upload_bytes(data: bytes, path: str) -> Upload:
    return upload(file=io.BytesIO(data), path=path, audience=EVERYONE, owner=None, actor=None)


def ingested(data: bytes, path: str) -> DocumentVersion:
    version = upload_bytes(data, path).version
    ingest(version.pk)
    version.refresh_from_db()
    return version


def test_a_ready_version_keeps_its_text_and_exact_spans() -> None:
    version = make_document().versions.get()
    assert version.chunks.exists()
    for chunk in version.chunks.all():
        assert version.text[chunk.start : chunk.end] == chunk.text
        assert chunk.context.startswith("Parental leave")


@pytest.mark.parametrize(
    ("data", "path", "code"),
    [
        (b"  \n\t ", "blank.md", "empty_file"),
        (b"<html><body><script>x</script></body></html>", "scripts.html", "no_text_found"),
        (b"%PDF-1.7 broken", "broken.pdf", "unreadable_file"),
        (b"PK\x03\x04 not a zip at all", "broken.docx", "unreadable_file"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "picture.pdf", "unreadable_file"),
        (b"MZ\x90\x00", "program.exe", "unsupported_file"),
    ],
)
def test_a_bad_file_fails_with_a_reason_and_nothing_half_stored(data: bytes, path: str, code: str) -> None:
    version = ingested(data, path)
    assert (version.state, version.error_code) == ("failed", code)
    assert len(version.error) > 20
    assert not Chunk.objects.exists()
    assert Document.objects.get().current is None


def test_html_keeps_its_words_and_none_of_its_scripts() -> None:
    version = ingested(b"<h1>Dogs</h1><p>Dogs may come on Fridays.</p><script>alert(1)</script>", "dogs.html")
    assert "Dogs may come on Fridays." in version.text
    assert "alert" not in version.text


def test_text_in_an_old_encoding_comes_out_right() -> None:
    version = ingested("Die Höchstgrenze für Verpflegung beträgt 28 €.".encode("cp1252"), "spesen.txt")
    assert version.state == "ready"
    assert "Höchstgrenze für Verpflegung" in version.text


def test_a_new_version_takes_over_and_the_old_one_stays_readable() -> None:
    document = make_document()
    make_document(PARENTAL_LEAVE.replace("16 weeks", "20 weeks"))
    document.refresh_from_db()
    assert document.current is not None
    assert document.current.number == 2
    texts = [hit.text for hit in search("weeks of parental leave", audience=NOBODY)]
    assert any("20 weeks" in text for text in texts)
    assert not any("16 weeks" in text for text in texts)
    assert "16 weeks" in document.versions.get(number=1).text


def test_a_failed_new_version_leaves_the_old_one_serving() -> None:
    document = make_document(path="leave.pdf.md")
    version = upload_bytes(b"\x00\x00 \n", document.path).version
    ingest(version.pk)
    version.refresh_from_db()
    assert version.state == "failed"
    assert search("weeks of parental leave", audience=NOBODY)


def test_two_workers_never_read_the_same_version() -> None:
    version = upload_text()
    assert run.claim(version.pk) is not None
    assert run.claim(version.pk) is None


def test_what_a_dead_worker_left_is_taken_up_again() -> None:
    version = upload_text()
    run.claim(version.pk)
    silence(version)
    run.free_abandoned()
    assert run.read_next()
    version.refresh_from_db()
    assert (version.state, version.attempts) == ("ready", 2)


def test_a_living_worker_is_left_alone() -> None:
    version = upload_text()
    run.claim(version.pk)
    run.free_abandoned()
    version.refresh_from_db()
    assert version.state == "parsing"
    assert not run.read_next()


def test_a_file_that_kills_its_worker_again_and_again_is_given_up() -> None:
    version = upload_text()
    for _ in range(run.MAX_ATTEMPTS):
        assert run.claim(version.pk)
        silence(version)
    ingest(version.pk)
    version.refresh_from_db()
    assert (version.state, version.error_code) == ("failed", "crash")


def test_a_file_that_killed_its_worker_twice_waits_so_that_others_are_read_without_it() -> None:
    version = upload_text()
    for _ in range(2):
        run.claim(version.pk)
        silence(version)
    run.free_abandoned()
    version.refresh_from_db()
    assert version.retry_at is not None
    assert not run.read_next()


def test_a_document_deleted_while_it_is_read_does_not_come_back() -> None:
    version = upload_text()
    claimed = run.claim(version.pk)
    assert claimed is not None
    parsed = run.parse(claimed)
    held = run.held_against(claimed.document)
    built = run.embed_for_all(claimed, parsed)
    withdraw(document=Document.objects.get(), actor=None)
    with pytest.raises(NoLongerOurs):
        run.publish(claimed, parsed, built, held)
    assert not Chunk.objects.exists()
    assert not DocumentVersion.objects.exists()


def test_a_worker_that_was_given_up_too_early_changes_nothing_any_more() -> None:
    version = upload_text()
    slow = run.claim(version.pk)
    assert slow is not None
    silence(version)
    ingest(version.pk)
    run.fail(slow, "too late", "crash")
    with pytest.raises(NoLongerOurs):
        run.heard_from(slow, progress=99)
    version.refresh_from_db()
    assert (version.state, version.progress) == ("ready", 100)


def test_a_passage_edited_meanwhile_is_edited_in_what_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    version = upload_text()
    embed_for_all = run.embed_for_all
    rounds: list[run.Built] = []

    def edited_meanwhile(*arguments: Any) -> run.Built:
        built = embed_for_all(*arguments)
        if not rounds:
            original = "Tell your manager at least 8 weeks before the leave begins."
            version.document.chunk_edits.create(original=original, corrected="Tell your manager 10 weeks ahead.")
        rounds.append(built)
        return built

    monkeypatch.setattr(run, "embed_for_all", edited_meanwhile)
    ingest(version.pk)
    assert len(rounds) == 2
    assert Chunk.objects.filter(corrected="Tell your manager 10 weeks ahead.").exists()


@pytest.mark.parametrize("error", [ServiceUnavailable("down"), ModelUnavailable("away"), OperationalError("gone")])
def test_what_is_not_the_file_s_fault_is_tried_again_later(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    version = upload_text()
    monkeypatch.setattr(run, "embed", mock.Mock(side_effect=error))
    ingest(version.pk)
    version.refresh_from_db()
    assert (version.state, version.error_code) == ("queued", getattr(error, "code", "service_unavailable"))
    assert version.retry_at is not None
    assert version.retry_at > timezone.now() + timedelta(seconds=15)
    monkeypatch.undo()
    ingest(version.pk)
    version.refresh_from_db()
    assert version.state == "queued", "not before its time"
    DocumentVersion.objects.update(retry_at=timezone.now())
    assert run.read_next()
    version.refresh_from_db()
    assert (version.state, version.error) == ("ready", "")


def test_the_waits_grow_and_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    version = upload_text()
    monkeypatch.setattr(run, "parse_safely", mock.Mock(side_effect=ServiceUnavailable("The reader is down.")))
    waits = []
    while True:
        ingest(version.pk)
        version.refresh_from_db()
        if version.retry_at is None:
            break
        waits.append(round((version.retry_at - timezone.now()).total_seconds()))
        DocumentVersion.objects.update(retry_at=timezone.now())
    assert waits == [20, 40, 80, 160, 320, 600, 600]
    assert (version.state, version.error) == ("failed", "The reader is down.")


def test_a_bug_of_ours_is_tried_three_times(monkeypatch: pytest.MonkeyPatch) -> None:
    version = upload_text()
    monkeypatch.setattr(run, "embed", mock.Mock(side_effect=ZeroDivisionError))
    for _ in range(run.MAX_ATTEMPTS):
        DocumentVersion.objects.update(retry_at=None)
        ingest(version.pk)
    version.refresh_from_db()
    assert (version.state, version.error_code) == ("failed", "internal_error")


def test_a_file_that_is_gone_from_the_disk_is_no_damaged_file() -> None:
    version = upload_text()
    version.file.storage.delete(str(version.file.name))
    ingest(version.pk)
    version.refresh_from_db()
    assert "gone from the server's disk" in version.error


def test_cancelled_while_it_is_read_nothing_is_stored_and_the_old_version_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = make_document()
    version = upload_text(PARENTAL_LEAVE.replace("16 weeks", "20 weeks"))

    def cancelled_meanwhile(*arguments: Any, **named: Any) -> list[Embedded]:
        cancel(version=version, actor=None)
        return embed(*arguments, **named)

    monkeypatch.setattr(run, "embed", cancelled_meanwhile)
    ingest(version.pk)
    version.refresh_from_db()
    assert (version.state, version.error_code, version.text) == ("failed", "cancelled", "")
    assert not version.chunks.exists()
    document.refresh_from_db()
    assert document.current == document.versions.get(number=1)
    assert any("16 weeks" in hit.text for hit in search("weeks of parental leave", audience=NOBODY))


def test_cancelling_stops_the_parser_within_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    version = upload_text()
    endless = partial(parse_safely, parse="tests.knowledge.files:loop")
    monkeypatch.setattr(run, "parse_safely", endless)
    monkeypatch.setattr(sandbox, "BEAT_S", 0.05)
    heard_from = run.heard_from

    def cancelled_at_the_first_beat(claimed: DocumentVersion, **changes: object) -> None:
        cancel(version=version, actor=None)
        heard_from(claimed, **changes)

    monkeypatch.setattr(run, "heard_from", cancelled_at_the_first_beat)
    began = time.monotonic()
    ingest(version.pk)
    assert time.monotonic() - began < 5
    version.refresh_from_db()
    assert version.error_code == "cancelled"


def test_a_cancelled_version_can_be_tried_again_and_the_old_worker_is_still_out() -> None:
    version = upload_text()
    old = run.claim(version.pk)
    assert old is not None
    assert cancel(version=version, actor=None)
    assert retry(version=version, actor=None)
    assert run.claim(version.pk)
    with pytest.raises(NoLongerOurs):
        run.heard_from(old)


def test_cancelling_is_on_record_and_names_who_did_it(ana: User) -> None:
    version = upload_text()
    assert cancel(version=version, actor=ana)
    assert not cancel(version=version, actor=ana)
    version.refresh_from_db()
    assert version.error == "Cancelled by Ana. Try again to have it read after all."
    assert AuditEvent.objects.get(action="document.cancel").actor == ana


def test_what_is_ready_can_not_be_cancelled() -> None:
    version = make_document().versions.get()
    assert not cancel(version=version, actor=None)
    version.refresh_from_db()
    assert version.state == "ready"


def test_a_failed_version_can_be_tried_again() -> None:
    version = ingested(b"%PDF-1.7 broken", "broken.pdf")
    retry(version=version, actor=None)
    version.refresh_from_db()
    assert (version.state, version.error) == ("queued", "")


def test_ready_without_text_is_impossible() -> None:
    version = upload_text()
    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentVersion.objects.filter(pk=version.pk).update(state="ready", text="")
