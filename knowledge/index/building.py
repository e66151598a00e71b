"""
Search indexes beside the live one: built, cut over to, cut back to, dropped.

Uploads go into every index from the moment it exists; the filler adds what was there before, a document at a time, so
one that was stopped anywhere goes on where it was. Filling is one worker's at a time: it holds a lock that its database
session loses when it dies, and the schedule starts another.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from askacme.lib.errors import AskAcmeError, Conflict, InvalidInput
from governance.access.models import User
from governance.audit.services import record
from governance.gateway.embeddings import embedder
from governance.gateway.faults import PASSING, ProviderFailed
from knowledge.documents.models import Document, DocumentQuerySet
from knowledge.index.embed import CONTEXT_TOKENS
from knowledge.index.indexes import drop_graph_beside, live_index, make_searchable_beside
from knowledge.index.models import Chunk, SearchIndex
from knowledge.index.rebuild import rebuilt
from knowledge.index.store import store
from knowledge.index.vocabulary import LOCK as VOCABULARY_LOCK
from knowledge.index.vocabulary import recount_words

logger = logging.getLogger(__name__)

State = SearchIndex.State
FILLER_LOCK = 0x46696C6C
ROWS_AT_ONCE = 10_000
SMALLEST_CHUNK = 2 * CONTEXT_TOKENS


def build_index(*, model: str, max_tokens: int | None = None, actor: User | None) -> SearchIndex:
    """
    Begin a new search index; a worker fills it beside the live one.

    `max_tokens` is the largest chunk, title and headings included (default: all the model reads). Raises
    ModelUnavailable for a model that this installation doesn't have, InvalidInput for a size that it can't read.
    """
    chosen = embedder(model)
    tokens = max_tokens or chosen.max_tokens
    if not SMALLEST_CHUNK <= tokens <= chosen.max_tokens:
        raise InvalidInput(f"Chunks for {model} have {SMALLEST_CHUNK} to {chosen.max_tokens} tokens, not {tokens}.")
    live_index()
    with transaction.atomic():
        last = SearchIndex.objects.select_for_update().order_by("-number").first()
        index = SearchIndex.objects.create(
            number=last.number + 1 if last else 1, model=model, dimension=chosen.dimension, max_tokens=tokens
        )
        record(actor=actor, action="index.build", target=str(index), max_tokens=tokens)
        transaction.on_commit(lambda: send_filler(index))
    return index


def resume(*, index: SearchIndex, actor: User | None) -> None:
    """Go on with an index whose building was stopped by an error."""
    with transaction.atomic():
        if SearchIndex.objects.filter(pk=index.pk, state=State.BUILDING).exclude(error="").update(error=""):
            record(actor=actor, action="index.resume", target=str(index))
            transaction.on_commit(lambda: send_filler(index))


def cut_over(*, index: SearchIndex, actor: User | None) -> None:
    """
    Let searches use this index from now on; the live one stands by, so the way back is the same.

    Raises Conflict unless it is complete.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:  # no chunks are counted into the words until they are another index's
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [VOCABULARY_LOCK])
        now = {row.pk: row for row in SearchIndex.objects.select_for_update()}
        live = next((row for row in now.values() if row.state == State.LIVE), None)
        if live is not None and live.pk == index.pk:
            raise Conflict(f"{index} is live already.")
        if index.pk not in now or now[index.pk].state != State.STANDBY:
            raise Conflict(f"{index} is not complete yet.")
        if missing := lacking(index).count():
            raise Conflict(f"{index} lacks {missing} documents that are in use. They are being added; try again soon.")
        SearchIndex.objects.filter(state=State.LIVE).update(state=State.STANDBY)  # first: only one can be live
        SearchIndex.objects.filter(pk=index.pk).update(state=State.LIVE, live_since=timezone.now())
        index.refresh_from_db()
        recount_words(index)
        was, becomes = {"live": str(live) if live else None}, {"live": str(index)}
        record(actor=actor, action="index.cut_over", target=str(index), before=was, after=becomes)


def drop_index(*, index: SearchIndex, actor: User | None) -> None:
    """Give an index up: from now on nothing goes into it, and a worker deletes it. Raises Conflict for the live one."""
    with transaction.atomic():
        found = SearchIndex.objects.select_for_update().get(pk=index.pk)
        if found.state == State.LIVE:
            raise Conflict("Searches use this index. Cut over to another one first.")
        before, found.state = found.state, State.DROPPED
        found.save(update_fields=["state"])
        was, becomes = {"state": before}, {"state": found.state}
        record(actor=actor, action="index.drop", target=str(index), before=was, after=becomes)
        transaction.on_commit(lambda: send_filler(index))


def send_filler(index: SearchIndex) -> None:
    """Ask a worker to go on with the index. If the queue is down, the schedule asks again."""
    from kombu.exceptions import OperationalError

    from knowledge.index.tasks import work_on_index

    try:
        work_on_index.delay(index.pk)
    except OperationalError as error:
        logger.warning("Queue not reachable (%s): %s waits for the schedule", error, index)


def unfinished() -> list[SearchIndex]:
    """Indexes that a worker should be busy with."""
    waiting = SearchIndex.objects.exclude(state=State.LIVE).filter(error="")
    return [index for index in waiting if index.state != State.STANDBY or lacking(index).exists()]


def lacking(index: SearchIndex) -> DocumentQuerySet:
    """Documents in use that the index doesn't hold as they are now."""
    held = Chunk.objects.filter(version_id=OuterRef("current_id"), index=index)
    return Document.objects.exclude(current=None).filter(~Exists(held))


def work_on(number: int) -> None:
    """
    Fill the index, or delete it if it was dropped; what stops that is kept for people to see.

    After what may pass, a remote model's server that is down or limits calls, the schedule goes on by itself.
    """
    with only_worker(number) as is_only:
        index = SearchIndex.objects.filter(pk=number).exclude(state=State.LIVE).first()
        if not is_only or index is None:
            return
        try:
            if index.state == State.DROPPED:
                erase(index)
            else:
                fill(index)
        except AskAcmeError as error:
            if isinstance(error, ProviderFailed) and error.fault in PASSING:
                logger.warning("%s waits for the schedule: %s", index, error)
            else:
                stop(index, str(error))
        except Exception:
            logger.exception("Work on %s failed", index)
            stop(index, "Something went wrong. The log says what; try again.")


def stop(index: SearchIndex, reason: str) -> None:
    logger.warning("%s: %s", index, reason)
    SearchIndex.objects.filter(pk=index.pk).update(error=reason[:500])


@contextmanager
def only_worker(number: int) -> Iterator[bool]:
    """Whether this is the only worker at the index: the lock goes with the database session, so a dead one has none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [FILLER_LOCK, number])
        (is_only,) = cursor.fetchone()
    try:
        yield is_only
    finally:
        if is_only:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [FILLER_LOCK, number])


def fill(index: SearchIndex) -> None:
    """Add one lacking document after the other, then the graph: made at once, it is faster than row by row."""
    while is_wanted(index) and (document := lacking(index).order_by("pk").first()):
        add(document, index)
    if is_wanted(index) and index.state == State.BUILDING:
        make_searchable_beside(index)
        SearchIndex.objects.filter(pk=index.pk, state=State.BUILDING).update(state=State.STANDBY)
        logger.info("%s is complete", index)


def is_wanted(index: SearchIndex) -> bool:
    return SearchIndex.objects.filter(pk=index.pk).exclude(state=State.DROPPED).exists()


def add(document: Document, index: SearchIndex) -> None:
    """Put the version in use into the index. If it, or an edit, changed while it was embedded, it is left for later."""
    version = document.current
    assert version is not None  # noqa: S101 - narrows the type: `lacking` finds documents in use
    edits = list(document.chunk_edits.all())
    ((_, embedded),) = rebuilt(version, edits=edits, indexes=[index], beat=lambda _share: None)
    with transaction.atomic():
        locked = Document.objects.select_for_update().filter(pk=document.pk, current=version).first()
        if locked is not None and list(locked.chunk_edits.all()) == edits:
            store(version, locked, index, embedded)


def erase(index: SearchIndex) -> None:
    """Delete the graph, then the rows, in batches that hold no lock for long."""
    drop_graph_beside(index)
    with connection.cursor() as cursor:
        for table in ("knowledge_vector", "knowledge_chunk"):  # in this order: vectors refer to chunks
            cursor.execute(f"SELECT min(id), max(id) FROM {table}")  # noqa: S608 - a constant
            first, last = cursor.fetchone()
            for begin in range(first or 0, (last or -1) + 1, ROWS_AT_ONCE):
                rows = [index.pk, begin, begin + ROWS_AT_ONCE]
                cursor.execute(f"DELETE FROM {table} WHERE index_id = %s AND id >= %s AND id < %s", rows)  # noqa: S608
    index.delete()
    logger.info("%s is gone", index)
