"""`kill -9` at every stage: the former version serves on, nothing is half-stored, and another worker finishes."""

import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from governance.access.audience import Audience
from knowledge.documents.models import STALLED_AFTER, Document, DocumentVersion
from knowledge.index.models import Chunk, Vector
from knowledge.ingest import run
from knowledge.ingest.tasks import resume_stalled
from knowledge.search.search import search
from tests.cast import PARENTAL_LEAVE, make_document, upload_text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def database_url() -> str:
    """This test session's database, as another process is told of it."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))


def kill_worker_at(stage: str, version: DocumentVersion) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.knowledge.worker_to_kill", stage, str(version.pk)],
        env=os.environ | {"DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        text=True,
    )
    with worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "reached\n"
        worker.send_signal(signal.SIGKILL)


def stored(version: DocumentVersion) -> tuple[int, int, int]:
    """How many chunks, places of chunks and vectors in use there are of the version."""
    chunks = Chunk.objects.filter(version=version)
    places = set(chunks.values_list("index_id", "start"))
    return chunks.count(), len(places), Vector.objects.filter(version=version).exclude(chunk=None).count()


@pytest.mark.parametrize(
    ("stage", "left_in"),
    [
        ("queued", "queued"),
        ("claimed", "parsing"),
        ("parsing", "parsing"),
        ("embedding", "embedding"),
        ("publishing", "embedding"),
    ],
)
def test_a_worker_killed_at_any_stage_leaves_a_document_that_another_finishes(stage: str, left_in: str) -> None:
    document = make_document()
    first = document.versions.get()
    expected = stored(first)
    version = upload_text(PARENTAL_LEAVE.replace("16 weeks", "20 weeks"))

    kill_worker_at(stage, version)

    version.refresh_from_db()
    document.refresh_from_db()
    assert (version.state, version.text, stored(version)) == (left_in, "", (0, 0, 0))
    assert (document.current, stored(first)) == (first, expected)
    assert any("16 weeks" in hit.text for hit in search("weeks of parental leave", audience=Audience.nobody()))

    DocumentVersion.objects.filter(pk=version.pk).update(heartbeat_at=version.heartbeat_at - 2 * STALLED_AFTER)
    resume_stalled()
    assert run.read_next()

    version.refresh_from_db()
    document.refresh_from_db()
    assert (version.state, document.current) == ("ready", version)
    assert (stored(version), stored(first)) == (expected, (0, 0, 0))
    assert Document.objects.count() == 1
