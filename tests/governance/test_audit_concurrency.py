"""Many commits at once: one chain, no gap, and nobody waits for somebody who waits for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from governance.access.models import ApiKey, User
from governance.audit.answers import record_answer
from governance.audit.chain import verify
from governance.audit.models import AuditedAnswer, AuditLink
from governance.audit.services import record

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, COMMITS = 8, 25
PATIENCE_S = 30


def in_threads(*works: Callable[[], None]) -> None:
    """All at once, each on a connection of its own. Raises what any of them raised."""

    def on_its_own(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(on_its_own, work) for work in works]:
            future.result(timeout=2 * PATIENCE_S)


def act() -> None:
    record(actor=None, action="test.act", target="thing")


def answer() -> None:
    now = timezone.now()
    record_answer(AuditedAnswer(request_id=uuid4(), at=now, asked_at=now, status="success", question="?"))


def test_commits_in_different_orders_neither_wait_in_a_circle_nor_leave_a_gap() -> None:
    together = Barrier(THREADS)

    def commit_often(number: int) -> None:
        together.wait(PATIENCE_S)
        for _ in range(COMMITS):
            with transaction.atomic():
                for write in (act, answer) if number % 2 else (answer, act):
                    write()

    in_threads(*(lambda number=number: commit_often(number) for number in range(THREADS)))
    verified = verify()
    assert verified.problems == ()
    assert list(AuditLink.objects.values_list("seq", flat=True)) == list(range(1, 2 * THREADS * COMMITS + 1))


def test_a_commit_that_waits_for_a_row_does_not_hold_the_chain(ana: User) -> None:
    """Foreign keys are checked at the commit: whoever waits there must not keep the row's holder from committing."""
    locked = Event()

    def change_ana() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=ana.pk)
            act()
            locked.set()
            wait_until_somebody_waits()

    def give_ana_a_key() -> None:
        locked.wait(PATIENCE_S)
        with transaction.atomic():
            act()
            ApiKey.objects.create(user_id=ana.pk, prefix="aa_", digest="0" * 64)

    in_threads(change_ana, give_ana_a_key)
    assert AuditLink.objects.count() == 2


def wait_until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [f"{PATIENCE_S}s"])
        cursor.execute(
            "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
            " LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"
        )
