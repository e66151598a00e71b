"""From a stored file to searchable chunks, and every way it can go wrong."""

import io
from datetime import timedelta
from unittest import mock

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.access.audience import Audience
from knowledge.documents.models import STALLED_AFTER, Document, DocumentVersion
from knowledge.index.models import Chunk
from knowledge.documents.services import AudienceChoice, Upload, retry, upload, withdraw
from knowledge.ingest import run
from knowledge.ingest.run import ingest
from knowledge.ingest.tasks import resume_stalled
from knowledge.search.search import search
from tests.cast import PARENTAL_LEAVE, make_document, upload_text

pytestmark = pytest.mark.django_db
EVERYONE = AudienceChoice(for_everyone=True)
NOBODY = Audience.nobody()


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
    DocumentVersion.objects.update(heartbeat_at=timezone.now() - STALLED_AFTER - timedelta(seconds=1))
    with mock.patch("knowledge.ingest.tasks.enqueue") as enqueue:
        resume_stalled()
    enqueue.assert_called_once_with(version.pk)
    ingest(version.pk)
    version.refresh_from_db()
    assert version.state == "ready"


def test_a_file_that_kills_its_worker_three_times_is_given_up() -> None:
    version = upload_text()
    for _ in range(run.MAX_ATTEMPTS):
        run.claim(version.pk)
        DocumentVersion.objects.update(state="queued")
    ingest(version.pk)
    version.refresh_from_db()
    assert (version.state, version.error_code) == ("failed", "crash")


def test_a_document_deleted_while_it_is_read_does_not_come_back() -> None:
    version = upload_text()
    claimed = run.claim(version.pk)
    assert claimed is not None
    parsed = run.parse(claimed)
    chunks = run.embed(claimed, parsed)
    withdraw(document=Document.objects.get(), actor=None)
    run.publish(claimed, parsed, chunks)
    assert not Chunk.objects.exists()
    assert not DocumentVersion.objects.exists()


def test_a_failed_version_can_be_tried_again() -> None:
    version = ingested(b"%PDF-1.7 broken", "broken.pdf")
    retry(version=version, actor=None)
    version.refresh_from_db()
    assert (version.state, version.error) == ("queued", "")


def test_ready_without_text_is_impossible() -> None:
    version = upload_text()
    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentVersion.objects.filter(pk=version.pk).update(state="ready", text="")
