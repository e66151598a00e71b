"""Many calls at once, and processes that die in the middle: budgets hold to the cent, and nobody waits forever."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from askacme.lib.errors import BudgetExceeded
from askacme.lib.threads import in_thread
from governance.access.models import User
from governance.gateway.money.budgets import active
from governance.gateway.money.holding import hold
from governance.gateway.money.models import Budget
from governance.gateway.money.room import BudgetBusy
from governance.gateway.money.services import settle
from governance.gateway.money.sweep import sweep
from governance.gateway.types import Caller
from tests.governance.money import caller_of, hold_for, make_budget, money_in, must_hold, state_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CALLS = 200
PATIENCE_S = 90.0


async def call(caller: Caller, cost: str, *, patience_s: float = PATIENCE_S) -> bool:
    """Whether a call that may cost a dollar could be made."""
    try:
        hold_id = await hold(caller=caller, provider="acme-ai", model="acme-1", most=Decimal(1), patience_s=patience_s)
    except BudgetExceeded:
        return False
    assert hold_id is not None
    await in_thread(settle, hold_id, Decimal(cost))
    return True


async def made(calls: Sequence[Awaitable[bool]]) -> int:
    return sum(await asyncio.gather(*calls))


async def test_200_calls_at_once_on_money_for_50_make_exactly_50() -> None:
    budget = await sync_to_async(make_budget)("50")
    assert await made([call(caller_of(), "1") for _ in range(CALLS)]) == 50
    assert await sync_to_async(money_in)(budget) == (50, 0)


async def test_calls_that_wait_use_what_others_leave_over() -> None:
    budget = await sync_to_async(make_budget)("50")
    succeeded = await made([call(caller_of(), "0.5") for _ in range(CALLS)])
    spent, reserved = await sync_to_async(money_in)(budget)
    assert succeeded == 99  # at $49.50 the next one could pass the limit
    assert (spent, reserved) == (Decimal("49.5"), 0)


async def test_without_patience_some_succeed_and_the_limit_holds() -> None:
    budget = await sync_to_async(make_budget)("50")
    succeeded = await made([call(caller_of(), "1", patience_s=0) for _ in range(CALLS)])
    assert 0 < succeeded <= 50
    assert await sync_to_async(money_in)(budget) == (succeeded, 0)


async def test_calls_under_several_budgets_never_wait_for_each_other_in_a_circle(ana: User, ben: User) -> None:
    """The periods' rows come to be in another order than the budgets', and all at once."""
    of_ben, of_ana, company = await sync_to_async(three_budgets)(ana, ben)
    callers = [await sync_to_async(caller_of)(user) for user in (ana, ben)]
    calls = [call(callers[number % 2], "0.1") for number in range(CALLS)]
    assert await made(calls) == CALLS
    for budget, spent in ((of_ana, 10), (of_ben, 10), (company, 20)):
        assert await sync_to_async(money_in)(budget) == (spent, 0)


def three_budgets(ana: User, ben: User) -> tuple[Budget, Budget, Budget]:
    company, of_ana, of_ben = (
        make_budget("1000"),
        make_budget("1000", scope="person", person=ana),
        make_budget("1000", scope="person", person=ben, period="day"),
    )
    company.is_active = of_ana.is_active = False
    company.save()
    of_ana.save()
    settle(must_hold("1", caller_of(ben)), Decimal(0))  # the youngest budget's period gets the lowest id
    company.is_active = of_ana.is_active = True
    company.save()
    of_ana.save()
    return of_ben, of_ana, company


async def test_whoever_is_cancelled_leaves_nothing_set_aside() -> None:
    """At whatever moment: one after the other, while the reservations are being made."""
    budget = await sync_to_async(make_budget)("1000")
    tasks = [
        asyncio.create_task(hold(caller=caller_of(), provider="acme-ai", model="acme-1", most=Decimal(1)))
        for _ in range(24)
    ]
    for number, task in enumerate(tasks):
        await asyncio.wait(tasks[:number] or tasks[:1], timeout=0.002)
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    kept = [outcome for outcome in outcomes if isinstance(outcome, UUID)]
    assert len(kept) < len(tasks)
    assert await sync_to_async(money_in)(budget) == (0, len(kept))


async def test_known_to_be_without_budgets_nothing_leaves_the_event_loop() -> None:
    await sync_to_async(active.get)()
    assert await hold(caller=caller_of(), provider="acme-ai", model="acme-1", most=Decimal(1)) is None


# A process that dies


def database_url() -> str:
    """This test session's database, as another process is told of it."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))


def kill_process_that_holds() -> UUID:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.governance.process_to_kill"],
        env=os.environ | {"DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        hold_id = UUID(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
    return hold_id


def test_what_a_killed_process_held_blocks_others_until_it_is_swept() -> None:
    budget = make_budget("5")
    hold_id = kill_process_that_holds()
    assert (state_of(hold_id), money_in(budget)) == (("held", None), (0, 4))
    with pytest.raises(BudgetBusy):
        hold_for("2")

    assert sweep() == 0
    assert sweep(now=datetime.now(UTC) + timedelta(minutes=15, seconds=1)) == 1

    assert (state_of(hold_id), money_in(budget)) == (("swept", 4), (4, 0))
    settle(must_hold("1"), Decimal("0.5"))
    assert money_in(budget) == (Decimal("4.5"), 0)
