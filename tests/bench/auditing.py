"""What the audit record costs: at each commit that adds to it, and to prove it anew."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from governance.audit.chain import verify
from governance.audit.models import AuditedAnswer
from governance.audit.services import record
from tests.bench import output

WRITERS = (1, 8)
COMMITS, TURNS = 100, 7
"""Commits of one writer, in each of the turns; with and without the chain in turns."""
ROWS, AT_ONCE = 20_000, 1_000


def table() -> str:
    """Medians of the turns. Without the chain: the same rows, while their triggers are switched off."""
    rows = [costs(writers) for writers in WRITERS]
    head = ("writers at once", "a commit without the chain, ms", "with it, ms", "commits/s without", "with")
    return output.table("Audit: the chain", head, rows) + "\n\n" + proof()


def costs(writers: int) -> tuple[object, ...]:
    turns = [(seconds(writers, is_chained=False), seconds(writers, is_chained=True)) for _ in range(TURNS)]
    without, with_it = map(statistics.median, zip(*turns, strict=True))
    each = [f"{1000 * taken / COMMITS:.2f}" for taken in (without, with_it)]
    return writers, *each, *(f"{writers * COMMITS / taken:,.0f}" for taken in (without, with_it))


def seconds(writers: int, *, is_chained: bool) -> float:
    """What was not chained goes again: it would not verify."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(commit_often, ["DEFAULT" if is_chained else "replica"] * writers))
    taken = time.perf_counter() - begun
    if not is_chained:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("DELETE FROM governance_auditevent WHERE target = 'replica'")
    return taken


def commit_often(role: str) -> None:
    """Triggers fire for some roles of a session and not for others."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET session_replication_role = {role}")
            for _ in range(COMMITS):
                with transaction.atomic():
                    record(actor=None, action="bench.commit", target=role, note="x" * 200)
            cursor.execute("SET session_replication_role = DEFAULT")
    finally:
        connection.close()


def proof() -> str:
    """Of answers as long as people get them."""
    for _ in range(ROWS // AT_ONCE):
        with transaction.atomic():
            AuditedAnswer.objects.bulk_create(answer() for _ in range(AT_ONCE))
    verify()
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        verified = verify()
        taken.append(time.perf_counter() - begun)
    seconds = statistics.median(taken)
    head = ("rows", "problems", "`verify_audit`, s", "rows/s")
    row = (f"{verified.rows:,}", len(verified.problems), f"{seconds:.2f}", f"{verified.rows / seconds:,.0f}")
    return output.table("Audit: the proof", head, [row])


def answer() -> AuditedAnswer:
    now = timezone.now()
    stages = [{"name": name, "start_ms": 1, "ms": 2, "detail": {"said": "x" * 100}} for name in ("screen", "respond")]
    passages = [{"n": n, "document_id": n, "version": 1, "title": "Travel", "quote": "x" * 200} for n in range(8)]
    words = {"question": "How many weeks? " * 5, "answer": "Every parent gets 16 weeks [1]. " * 20}
    return AuditedAnswer(
        request_id=uuid4(), at=now, asked_at=now, status="success", stages=stages, passages=passages, **words
    )
