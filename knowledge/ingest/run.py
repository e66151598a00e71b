"""
From a stored file to searchable chunks: queued → parsing → embedding → ready | failed.

A version is claimed by compare-and-set, so two workers never read the same one; a worker that dies leaves a row whose
heartbeat stops, and the sweeper queues it again. Chunks appear, and the document's pointer moves, in one transaction:
until then the old version serves.
"""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from askacme.lib.errors import AskAcmeError, NoTextFound
from governance.gateway.embeddings import embedder
from knowledge.documents.models import STALLED_AFTER, Chunk, Document, DocumentVersion
from knowledge.ingest.chunk import ChunkDraft, split
from knowledge.ingest.parsed import ParsedDocument
from knowledge.ingest.sandbox import parse_safely

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
BATCH = 64
MAX_TOKENS = 256
CONTEXT_TOKENS = 48
OVERLAP_TOKENS = 40
State = DocumentVersion.State


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
        chunks = embed(version, parsed)
        publish(version, parsed, chunks)
    except AskAcmeError as error:
        fail(version, str(error), error.code)
    except Exception:
        logger.exception("Reading %s failed", version)
        if version.attempts >= MAX_ATTEMPTS:
            fail(
                version,
                "Something went wrong while reading this file. The log says what; try again.",
                "internal_error",
            )
        else:
            heard_from(version, state=State.QUEUED)
            raise


def claim(version_id: int) -> DocumentVersion | None:
    """Take the version if it is free: queued, or begun by a worker that has not been heard of for a while."""
    abandoned = Q(state__in=[State.PARSING, State.EMBEDDING], heartbeat_at__lt=timezone.now() - STALLED_AFTER)
    taken = DocumentVersion.objects.filter(Q(state=State.QUEUED) | abandoned, pk=version_id).update(
        state=State.PARSING, progress=1, heartbeat_at=timezone.now(), attempts=F("attempts") + 1
    )
    if not taken:
        return None
    version = DocumentVersion.objects.select_related("document").get(pk=version_id)
    if version.attempts > MAX_ATTEMPTS:
        fail(
            version,
            "Reading this file stopped the worker three times. Save it in another format and try again.",
            "crash",
        )
        return None
    return version


def parse(version: DocumentVersion) -> ParsedDocument:
    config = settings.ASKACME
    parsed = parse_safely(
        version.file.path,
        version.filename,
        timeout_s=config.parse_timeout_s,
        memory_bytes=config.parse_memory_bytes,
    )
    heard_from(version, state=State.EMBEDDING, progress=10)
    return parsed


def embed(version: DocumentVersion, parsed: ParsedDocument) -> list[Chunk]:
    """Split the text and embed each chunk together with its title and heading path."""
    model = embedder()
    title = parsed.title or version.document.title
    drafts = split(
        parsed,
        count_tokens=model.count_tokens,
        max_tokens=MAX_TOKENS - CONTEXT_TOKENS,
        overlap_tokens=OVERLAP_TOKENS,
    )
    if not drafts:
        raise NoTextFound("no text found (a scan?). Upload a version whose text can be selected and copied.")
    chunks: list[Chunk] = []
    for begin in range(0, len(drafts), BATCH):
        batch = drafts[begin : begin + BATCH]
        contexts = [context_of(title, draft) for draft in batch]
        vectors = model.embed([f"{context}\n{draft.text}" for context, draft in zip(contexts, batch, strict=True)])
        chunks += [
            Chunk(
                version=version,
                ordinal=draft.ordinal,
                heading=draft.heading[:1000],
                context=context,
                text=draft.text,
                start=draft.start,
                end=draft.end,
                page=draft.page,
                tokens=draft.tokens,
                embedding=vector,
            )
            for context, draft, vector in zip(contexts, batch, vectors, strict=True)
        ]
        heard_from(version, progress=10 + 85 * len(chunks) // len(drafts))
    return chunks


def context_of(title: str, draft: ChunkDraft) -> str:
    """Title and heading path, the title said once."""
    heading = draft.heading.removeprefix(title).removeprefix(" > ")
    return f"{title[:300]} > {heading[:1000]}" if heading else title[:300]


def publish(version: DocumentVersion, parsed: ParsedDocument, chunks: Sequence[Chunk]) -> None:
    """Swap the new version in: chunks, text and the document's pointer in one transaction."""
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(pk=version.document_id).first()
        if document is None:  # deleted meanwhile: nothing may come back
            return
        version.chunks.all().delete()
        Chunk.objects.bulk_create(chunks, batch_size=500)
        DocumentVersion.objects.filter(pk=version.pk).update(
            state=State.READY,
            progress=100,
            text=parsed.text,
            blocks=[[block.kind, block.start, block.end, block.level, block.page] for block in parsed.blocks],
            media_type=parsed.media_type,
            page_count=parsed.page_count,
            empty_pages=list(parsed.empty_pages),
            published_at=timezone.now(),
            heartbeat_at=timezone.now(),
        )
        older = document.current
        if older is None or older.number < version.number:
            if document.current is None and parsed.title and version.number == 1:
                document.title = better_title(document, parsed.title)
            document.current = version
            document.save(update_fields=["current", "title", "updated_at"])
            if older is not None:
                older.chunks.all().delete()
    logger.info("%s is ready: %s chunks", version, len(chunks))


def better_title(document: Document, found: str) -> str:
    """The title in the file, unless a person gave the document one at upload."""
    from knowledge.documents.services import readable_title

    return found[:300] if document.title == readable_title(document.path) else document.title


def fail(version: DocumentVersion, reason: str, code: str) -> None:
    logger.warning("%s failed: %s", version, reason)
    DocumentVersion.objects.filter(pk=version.pk).update(
        state=State.FAILED, progress=0, error=reason[:500], error_code=code, heartbeat_at=timezone.now()
    )


def heard_from(version: DocumentVersion, **changes: object) -> None:
    """Note a sign of life, with whatever else changed."""
    DocumentVersion.objects.filter(pk=version.pk).update(heartbeat_at=timezone.now(), **changes)
