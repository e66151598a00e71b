"""
Spending: set aside what a call may cost at most, make it, then settle what it did cost.

The rows of the budgets' periods are locked while money is set aside or settled, always in the order of their ids, so
calls at the same time can't overspend a budget between them, and can't wait for each other in a circle. Money is set
aside outside of any transaction, in one statement (`set_aside.sql`): nobody holds the lock while something else is
done. Settling may be part of the transaction that records the call.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from governance.gateway.money.budgets import budgets_on, present_periods
from governance.gateway.money.models import HOLD_EXPIRES_AFTER, Budget, BudgetPeriod, Hold
from governance.gateway.money.room import BudgetBusy, check_room
from governance.gateway.types import Caller

SMALLEST = Decimal("0.00000001")
"""Amounts are kept to so many places. What is set aside is rounded up, so a cost never rounds to more than it."""

MOST_TRIES = 10
"""More than one is needed when a period begins, or when money comes back while one looks why there is none."""

SET_ASIDE = Path(__file__).with_name("set_aside.sql").read_text(encoding="utf-8")


def reserve(*, caller: Caller, provider: str, model: str, most: Decimal, now: datetime | None = None) -> UUID | None:
    """
    Set `most` US dollars aside in every budget that the call falls under. None: there is none, or it costs nothing.

    Raises BudgetExceeded, and its kind BudgetBusy when calls under way hold what is left (`holding.hold` waits then).
    """
    budgets = budgets_on(caller, provider=provider) if most > 0 else []
    if not budgets:
        return None
    moment = now or timezone.now()
    hold = Hold(
        request_id=UUID(caller.request_id),
        provider=provider,
        model=model,
        amount_usd=most.quantize(SMALLEST, ROUND_CEILING),
        created_at=moment,
        expires_at=moment + HOLD_EXPIRES_AFTER,
    )
    for _ in range(MOST_TRIES):
        if set_aside(hold, budgets):
            return hold.pk
        rows = BudgetPeriod.objects.filter(present_periods(budgets, moment), budget__is_active=True)
        periods = list(rows.select_related("budget"))
        check_room(periods, hold.amount_usd, moment)
        if len(periods) < len(budgets) and not (budgets := begin_periods(budgets, moment)):
            return None
    raise BudgetBusy("Too many questions come at once. Please try again in a minute.", until=moment)


def set_aside(hold: Hold, budgets: Sequence[Budget]) -> bool:
    """Whether all budgets had their row and the room."""
    values: dict[str, Any] = {
        "budgets": [budget.pk for budget in budgets],
        "starts": [budget.start(hold.created_at) for budget in budgets],
        "amount": hold.amount_usd,
        "id": hold.pk,
        "request_id": hold.request_id,
        "created_at": hold.created_at,
        "expires_at": hold.expires_at,
        "provider": hold.provider,
        "model": hold.model,
    }
    with connection.cursor() as cursor:
        cursor.execute(SET_ASIDE, values)
        return bool(cursor.rowcount)


def begin_periods(budgets: Sequence[Budget], moment: datetime) -> list[Budget]:
    """
    Add the rows of a period that just began, once, whoever else does so at the same time.

    Returns the budgets that are still there and active. In a transaction of its own: one that also held locks on
    periods could wait in a circle.
    """
    with transaction.atomic(durable=True):
        wanted = Budget.objects.active().filter(pk__in=[budget.pk for budget in budgets])
        kept = list(wanted.select_for_update(no_key=True).order_by("pk"))  # may not be deleted meanwhile
        rows = [BudgetPeriod(budget=budget, start=budget.start(moment)) for budget in kept]
        BudgetPeriod.objects.bulk_create(rows, ignore_conflicts=True)
    return kept


def settle(hold_id: UUID, cost: Decimal) -> None:
    """The call is over and cost so much, also if that is more than was set aside. Settling twice changes nothing."""
    close(hold_id, Hold.State.SETTLED, cost)


def release(hold_id: UUID) -> None:
    """The call was not made, or cost nothing."""
    close(hold_id, Hold.State.RELEASED, Decimal(0))


def close(
    hold_id: UUID,
    state: Hold.State,
    cost: Decimal,
    *,
    before: Collection[Hold.State] = (Hold.State.HELD, Hold.State.SWEPT),
) -> bool:
    """
    Turn what is set aside into what is spent; whether there was something to close.

    A hold that was swept, for its process seemed dead, gives way to the true cost when that becomes known after all.
    """
    cost = cost.quantize(SMALLEST)
    with transaction.atomic():
        hold = Hold.objects.select_for_update().filter(pk=hold_id, state__in=before).first()
        if hold is None:
            return False
        held, counted = (hold.amount_usd, 0) if hold.state == Hold.State.HELD else (0, hold.amount_usd)
        hold.state, hold.cost_usd = state, cost
        hold.save(update_fields=["state", "cost_usd"])
        rows = BudgetPeriod.objects.filter(holds=hold).select_for_update(of=("self",)).order_by("pk")
        BudgetPeriod.objects.filter(pk__in=[period.pk for period in rows]).update(
            reserved_usd=F("reserved_usd") - held, spent_usd=F("spent_usd") + (cost - counted)
        )
    return True


def degraded(caller: Caller, *, now: datetime | None = None) -> bool:
    """Whether a budget of this caller is spent so far that only fast models are to be used. One query at most."""
    budgets = [budget for budget in budgets_on(caller, provider=None) if budget.degrade_percent is not None]
    if not budgets:
        return False
    enough = F("budget__limit_usd") * F("budget__degrade_percent") / 100
    rows = BudgetPeriod.objects.filter(present_periods(budgets, now or timezone.now()))
    return rows.filter(budget__is_active=True, spent_usd__gte=enough).exists()
