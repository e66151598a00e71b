"""
From a stored file to searchable chunks: queued → parsing → embedding → ready | failed.

A version is claimed by compare-and-set, so two workers never read the same one. `attempts` is the fencing token: every
sign of life is written only if the attempt is still the newest and the version unfinished, so a worker whose version
was cancelled, deleted or taken over stops at its next step and can change nothing. A worker that dies leaves a row
whose heartbeat stops, and the sweeper queues it again. Chunks appear, and the document's pointer moves, in one
transaction: until then the old version serves.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from askacme.lib.errors import AskAcmeError
from knowledge.documents.models import STALLED_AFTER, Document, DocumentVersion, VersionQuerySet
from knowledge.documents.naming import readable_title
from knowledge.index.embed import Embedded, embed
from knowledge.index.indexes import fed_indexes
from knowledge.index.models import SearchIndex
from knowledge.index.store import store
from knowledge.ingest.parsed import ParsedDocument
from knowledge.ingest.sandbox import parse_safely

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
BACKOFF = timedelta(seconds=20)
"""Before the second attempt; twice as long before the third."""

State = DocumentVersion.State
Built = Sequence[tuple[SearchIndex, Sequence[Embedded]]]


class NoLongerOurs(Exception):
    """The version was cancelled, deleted, or taken over by another worker."""


def ingest(version_id: int) -> None:
    """
    Read, split and embed one version. Never raises for a bad file: the version fails with a reason.

    Does nothing when the version is gone, finished, or being worked on by a worker that still gives signs of life.
    """
    version = claim(version_id)
    if version is None:
        return
    try:
        parsed = parse(version)
        publish(version, parsed, embed_for_all(version, parsed))
    except NoLongerOurs:
        logger.info("%s was cancelled or taken over: nothing is changed", version)
    except AskAcmeError as error:
        fail(version, str(error), error.code)
    except Exception:
        logger.exception("Reading %s failed", version)
        if version.attempts >= MAX_ATTEMPTS:
            reason = "Something went wrong while reading this file. The log says what; try again."
            fail(version, reason, "internal_error")
        else:
            try_later(version)


def claim(version_id: int) -> DocumentVersion | None:
    """Take the version if it is free: queued and due, or begun by a worker that has not been heard of for a while."""
    now = timezone.now()
    queued = Q(state=State.QUEUED) & (Q(retry_at=None) | Q(retry_at__lte=now))
    abandoned = Q(state__in=[State.PARSING, State.EMBEDDING], heartbeat_at__lt=now - STALLED_AFTER)
    taken = DocumentVersion.objects.filter(queued | abandoned, pk=version_id).update(
        state=State.PARSING, progress=1, heartbeat_at=now, started_at=now, retry_at=None, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    version = DocumentVersion.objects.select_related("document").get(pk=version_id)
    if version.attempts > MAX_ATTEMPTS:
        reason = "Reading this file stopped the worker three times. Save it in another format and try again."
        fail(version, reason, "crash")
        return None
    return version


def parse(version: DocumentVersion) -> ParsedDocument:
    config = settings.ASKACME
    parsed = parse_safely(
        version.file.path,
        version.filename,
        timeout_s=config.parse_timeout_s,
        memory_bytes=config.parse_memory_bytes,
        beat=lambda: heard_from(version),
    )
    heard_from(version, state=State.EMBEDDING, progress=10)
    return parsed


def embed_for_all(version: DocumentVersion, parsed: ParsedDocument) -> Built:
    """What each index will hold of the version; the live one first."""
    document = version.document
    edits = list(document.chunk_edits.all())
    indexes = fed_indexes()
    built = []
    for place, index in enumerate(indexes):

        def beat(share: float, place: int = place) -> None:
            heard_from(version, progress=10 + int(85 * (place + share) / len(indexes)))

        title = parsed.title or document.title
        built.append((index, embed(parsed, title=title, edits=edits, index=index, beat=beat)))
    return built


def publish(version: DocumentVersion, parsed: ParsedDocument, built: Built) -> None:
    """Swap the new version in: chunks, text and the document's pointer in one transaction."""
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(pk=version.document_id).first()
        if document is None:  # deleted meanwhile: nothing may come back
            raise NoLongerOurs
        heard_from(
            version,
            state=State.READY,
            progress=100,
            title=parsed.title[:300],
            text=parsed.text,
            blocks=[[block.kind, block.start, block.end, block.level, block.page] for block in parsed.blocks],
            media_type=parsed.media_type,
            page_count=parsed.page_count,
            empty_pages=list(parsed.empty_pages),
            ocr_pages=list(parsed.ocr_pages),
            published_at=timezone.now(),
        )
        newest = document.versions.filter(state=State.READY).exclude(pk=version.pk).order_by("-number").first()
        if newest is None or newest.number < version.number:
            if document.current is None and parsed.title and version.number == 1:
                document.title = better_title(document, parsed.title)
            put_in_use(document, version, built)
    logger.info("%s is ready: %s chunks", version, len(built[0][1]))


def put_in_use(document: Document, version: DocumentVersion, built: Built) -> None:
    """Make this version the one that search and answers use. Call it inside a transaction."""
    document.current = version
    document.save(update_fields=["current", "title", "updated_at"])
    for index, embedded in built:
        store(version, document, index, embedded)


def better_title(document: Document, found: str) -> str:
    """The title in the file, unless a person gave the document one at upload."""
    return found[:300] if document.title == readable_title(document.path) else document.title


def fail(version: DocumentVersion, reason: str, code: str) -> None:
    logger.warning("%s failed: %s", version, reason)
    ours(version).update(
        state=State.FAILED, progress=0, error=reason[:500], error_code=code, heartbeat_at=timezone.now()
    )


def try_later(version: DocumentVersion) -> None:
    """Back to the queue, after a while that grows with each attempt; the sweeper sends it to a worker then."""
    wait = BACKOFF * 2 ** (version.attempts - 1)
    now = timezone.now()
    ours(version).update(state=State.QUEUED, progress=0, retry_at=now + wait, heartbeat_at=now)


def heard_from(version: DocumentVersion, **changes: object) -> None:
    """
    Note a sign of life, with whatever else changed.

    Raises NoLongerOurs when the version was finished, cancelled, deleted or taken over meanwhile.
    """
    if not ours(version).update(heartbeat_at=timezone.now(), **changes):
        raise NoLongerOurs


def ours(version: DocumentVersion) -> VersionQuerySet:
    """The version's row, as long as it is this attempt's to change."""
    return DocumentVersion.objects.unfinished().filter(pk=version.pk, attempts=version.attempts)
