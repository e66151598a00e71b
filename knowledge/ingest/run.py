"""
From a stored file to searchable chunks: queued → parsing → embedding → ready | failed.

A version is claimed by compare-and-set, so two workers never read the same one. `started_at` with `attempts` is the
fencing token: every sign of life is written only if the claim is still the newest and the version unfinished, so a
worker whose version was cancelled, deleted or taken over stops at its next step and can change nothing. A worker that
dies leaves a row whose heartbeat stops, and the sweep queues it again. Chunks appear, and the document's pointer
moves, in one transaction: until then the old version serves.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from askacme.lib.errors import AskAcmeError, ServiceUnavailable, UnreadableFile
from governance.gateway.faults import ProviderFailed
from knowledge.documents.models import Document, DocumentVersion, VersionQuerySet
from knowledge.documents.naming import readable_title
from knowledge.health.examine import QUARANTINED, examine
from knowledge.health.services import save_findings
from knowledge.index.embed import Embedded, embed
from knowledge.index.indexes import fed_indexes
from knowledge.index.models import SearchIndex
from knowledge.index.store import store
from knowledge.ingest.parsed import ParsedDocument
from knowledge.ingest.sandbox import parse_safely
from knowledge.ingest.turns import abandoned, first_in_line, free

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
"""For what may lie in the file: our own errors, and workers that stop without a word."""
MAX_ATTEMPTS_WHILE_DOWN = 8
"""For what has nothing to do with the file: half an hour in all."""
BACKOFF = timedelta(seconds=20)
"""Before the second attempt; twice as long before each further one."""
LONGEST_BACKOFF = timedelta(minutes=10)
PARSED, RECOGNISED, EMBEDDED = 10, 50, 95
"""Percent: after parsing; after parsing with text recognition, which takes long; after embedding."""

State = DocumentVersion.State
Built = Sequence[tuple[SearchIndex, Sequence[Embedded]]]
HeldAgainst = tuple[list[int], list[int]]


class NoLongerOurs(Exception):
    """The version was cancelled, deleted, or taken over by another worker."""


def read_next() -> bool:
    """Take up and read the version that is next in line; False if nothing is due."""
    while (version_id := first_in_line()) is not None:
        if version := claim(version_id):  # else another worker was faster
            read(version)
            return True
    return False


def ingest(version_id: int) -> None:
    """
    Read this version now, whoever's turn it is.

    Does nothing when the version is gone, finished, or being worked on by a worker that still gives signs of life.
    """
    if version := claim(version_id):
        read(version)


def read(version: DocumentVersion) -> None:
    """Read, split and embed a claimed version. Never raises for a bad file: the version fails with a reason."""
    try:
        parsed = parse(version)
        found = examine(version, parsed)
        save_findings(version=version, findings=found.findings)
        if found.quarantine:
            fail(version, found.reason, QUARANTINED)
            return
        heard_from(version, language=found.language, masked_count=found.masked_count)
        is_published = False
        while not is_published:
            held = held_against(version.document)
            built = embed_for_all(version, found.readable)
            is_published = publish(version, found.readable, built, held)
    except NoLongerOurs:
        logger.info("%s was cancelled or taken over: nothing is changed", version)
    except ServiceUnavailable as error:
        try_later(version, str(error), error.code, attempts=MAX_ATTEMPTS_WHILE_DOWN)
    except AskAcmeError as error:
        fail(version, str(error), error.code)
    except (OperationalError, InterfaceError) as error:
        logger.warning("The database failed while %s was read: %s", version, error)
        if not connection.in_atomic_block:
            connection.close()  # it may be broken: the next statement opens another
        reason = "The database could not be reached while this file was read."
        try_later(version, reason, ServiceUnavailable.code, attempts=MAX_ATTEMPTS_WHILE_DOWN)
    except Exception:
        logger.exception("Reading %s failed", version)
        reason = "Something went wrong while reading this file. The log says what; try again."
        try_later(version, reason, AskAcmeError.code, attempts=MAX_ATTEMPTS)


def claim(version_id: int) -> DocumentVersion | None:
    """Take the version if it is free: queued and due, or begun by a worker that has not been heard of for a while."""
    version = free().select_related("document").filter(pk=version_id).first()
    if version is None:
        return None
    died_without_a_word = version.attempts >= MAX_ATTEMPTS and not version.error
    now = timezone.now()
    claimed = {
        "state": State.PARSING,
        "progress": 1,
        "error": "",
        "error_code": "",
        "heartbeat_at": now,
        "started_at": now,
        "retry_at": None,
        "attempts": version.attempts + 1,
    }
    if not free().filter(pk=version_id, attempts=version.attempts).update(**claimed):
        return None
    change(version, claimed)
    if died_without_a_word:
        reason = "Reading this file stopped the worker again and again. Save it in another format and try again."
        fail(version, reason, "crash")
        return None
    return version


def free_abandoned() -> None:
    """
    Back to the queue with what a dead worker left.

    At once after the first time; later there is a wait, so that a file that kills its worker does so alone.
    """
    for version in abandoned().defer("text", "blocks").select_related("document"):
        again = None if version.attempts <= 1 else timezone.now() + backoff(version)
        if (
            ours(version)
            .filter(heartbeat_at=version.heartbeat_at)
            .update(state=State.QUEUED, progress=0, retry_at=again, heartbeat_at=timezone.now())
        ):
            logger.warning("%s showed no sign of life: queued again", version)


def parse(version: DocumentVersion) -> ParsedDocument:
    if not version.file.storage.exists(str(version.file.name)):
        raise UnreadableFile("The uploaded file is gone from the server's disk. Upload it again.")
    config = settings.ASKACME
    parsed = parse_safely(
        version.file.path,
        version.filename,
        timeout_s=config.parse_timeout_s,
        memory_bytes=config.parse_memory_bytes,
        beat=lambda share: heard_from(version, progress=max(1, int(RECOGNISED * share))),
    )
    heard_from(version, state=State.EMBEDDING, progress=max(PARSED, version.progress))
    return parsed


def embed_for_all(version: DocumentVersion, parsed: ParsedDocument) -> Built:
    """
    What each index will hold of the version; the live one first.

    One beside it whose model's server fails is left out, and filled later: what nobody searches keeps nobody waiting.
    """
    document = version.document
    edits = list(document.chunk_edits.all())
    indexes = fed_indexes()
    begin = version.progress
    built = []
    for place, index in enumerate(indexes):

        def beat(share: float, place: int = place) -> None:
            heard_from(version, progress=begin + int((EMBEDDED - begin) * (place + share) / len(indexes)))

        title = parsed.title or document.title
        try:
            built.append((index, embed(parsed, title=title, edits=edits, index=index, beat=beat)))
        except ProviderFailed as failure:
            if place == 0:
                raise
            logger.warning("%s is left out of %s for now: %s", version, index, failure)
    return built


def held_against(document: Document) -> HeldAgainst:
    """What the chunks depend on beside the text: people's edits of passages, and the indexes. Edits never change."""
    edits = document.chunk_edits.order_by("pk").values_list("pk", flat=True)
    return list(edits), [index.pk for index in fed_indexes()]


def publish(version: DocumentVersion, parsed: ParsedDocument, built: Built, held: HeldAgainst) -> bool:
    """
    Swap the new version in: chunks, text and the document's pointer in one transaction.

    False, and nothing happened, if a passage was edited or an index added since the chunks were made.
    """
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(pk=version.document_id).first()
        if document is None:  # deleted meanwhile: nothing may come back
            raise NoLongerOurs
        if held_against(document) != held:
            return False
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
            looked_around_at=None,
            table_count=parsed.table_count,
            published_at=timezone.now(),
        )
        newest = document.versions.filter(state=State.READY).exclude(pk=version.pk).order_by("-number").first()
        if newest is None or newest.number < version.number:
            if document.current is None and parsed.title and version.number == 1:
                document.title = better_title(document, parsed.title)
            put_in_use(document, version, built)
    logger.info("%s is ready: %s chunks", version, len(built[0][1]))
    return True


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


def try_later(version: DocumentVersion, reason: str, code: str, *, attempts: int) -> None:
    """Back to the queue, after a while that grows with each attempt; fails with the last of them."""
    if version.attempts >= attempts:
        fail(version, reason, code)
        return
    now = timezone.now()
    wait = backoff(version)
    logger.warning("%s is tried again in %d s: %s", version, wait.total_seconds(), reason)
    ours(version).update(
        state=State.QUEUED, progress=0, retry_at=now + wait, heartbeat_at=now, error=reason[:500], error_code=code
    )


def backoff(version: DocumentVersion) -> timedelta:
    doubled: int = 2 ** (version.attempts - 1)
    return min(BACKOFF * doubled, LONGEST_BACKOFF)


def heard_from(version: DocumentVersion, **changes: object) -> None:
    """
    Note a sign of life, with whatever else changed.

    Raises NoLongerOurs when the version was finished, cancelled, deleted or taken over meanwhile.
    """
    if not ours(version).update(heartbeat_at=timezone.now(), **changes):
        raise NoLongerOurs
    change(version, changes)


def change(version: DocumentVersion, changes: dict[str, object]) -> None:
    """Let the object say what its row says now."""
    for name, value in changes.items():
        setattr(version, name, value)


def ours(version: DocumentVersion) -> VersionQuerySet:
    """The version's row, as long as it is this claim's to change."""
    return DocumentVersion.objects.unfinished().filter(
        pk=version.pk, attempts=version.attempts, started_at=version.started_at
    )
