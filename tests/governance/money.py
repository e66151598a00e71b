"""Budgets, callers and requests for the tests of money."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from governance.access.models import User
from governance.gateway.money.models import Budget, BudgetPeriod, Hold
from governance.gateway.money.services import reserve
from governance.gateway.types import Caller, ChatMessage, CompletionRequest

Dollars = Decimal | int
"""As tests compare them."""


def make_budget(limit: str = "10", **overrides: Any) -> Budget:
    budget: Budget = Budget.objects.create(limit_usd=Decimal(limit), **overrides)
    return budget


def caller_of(user: User | None = None, purpose: str = "answer") -> Caller:
    groups = tuple(user.groups.values_list("pk", flat=True)) if user else ()
    return Caller(str(uuid4()), user_id=user.pk if user else None, group_ids=groups, purpose=purpose)


def hold_for(most: str, caller: Caller | None = None, **overrides: Any) -> UUID | None:
    named = {"provider": "acme-ai", "model": "acme-1", **overrides}
    return reserve(caller=caller or caller_of(), most=Decimal(most), **named)


def must_hold(most: str, caller: Caller | None = None, **overrides: Any) -> UUID:
    hold_id = hold_for(most, caller, **overrides)
    assert hold_id is not None
    return hold_id


def money_in(budget: Budget) -> tuple[Dollars, Dollars]:
    """Spent and set aside, over all periods: there is one in most tests."""
    rows = list(BudgetPeriod.objects.filter(budget=budget))
    return sum((row.spent_usd for row in rows), Decimal(0)), sum((row.reserved_usd for row in rows), Decimal(0))


def state_of(hold_id: UUID) -> tuple[str, Dollars | None]:
    hold = Hold.objects.get(pk=hold_id)
    return hold.state, hold.cost_usd


def request_of(*texts: str, **overrides: Any) -> CompletionRequest:
    messages = tuple(ChatMessage("user", text) for text in texts)
    return CompletionRequest(messages=messages, question="", **overrides)
