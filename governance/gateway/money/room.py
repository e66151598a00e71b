"""Whether budgets have room for one more call, and what people are told when they don't."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from askacme.lib.errors import BudgetExceeded
from governance.gateway.money.models import Budget, BudgetPeriod, Period

Scope = Budget.Scope


class BudgetBusy(BudgetExceeded):
    """There is money, but it is set aside for calls under way, which will hardly use all of it: worth waiting for."""


def check_room(periods: Sequence[BudgetPeriod], amount: Decimal, moment: datetime) -> None:
    """
    Raises BudgetExceeded when what is spent alone leaves too little, BudgetBusy when only what is set aside does.

    Of several, the one that stands in the way longest is named; one of a provider only if there is no other.
    """
    if full := [period for period in periods if period.unspent_usd < amount]:
        budget = the_worst(full, moment)
        words = too_small(budget, amount) if budget.limit_usd < amount else used_up(budget, moment)
        raise BudgetExceeded(words, until=budget.end(moment), is_provider_only=budget.scope == Scope.PROVIDER)
    if busy := [period for period in periods if period.free_usd < amount]:
        budget = the_worst(busy, moment)
        raise BudgetBusy(set_aside(budget), until=moment, is_provider_only=budget.scope == Scope.PROVIDER)


def the_worst(periods: Sequence[BudgetPeriod], moment: datetime) -> Budget:
    return max((period.budget for period in periods), key=lambda b: (b.scope != Scope.PROVIDER, b.end(moment)))


def used_up(budget: Budget, moment: datetime) -> str:
    day = f"{budget.end(moment):%-d %B}"
    return f"{name(budget)} is used up. It starts afresh on {day if budget.period == Period.MONTH else f'{day} (UTC)'}."


def too_small(budget: Budget, amount: Decimal) -> str:
    return (
        f"This may cost up to ${amount:,.2f}, and {name(budget, in_sentence=True)} is less than that. "
        "Ask for less at once, or ask an administrator to raise the budget."
    )


def set_aside(budget: Budget) -> str:
    return (
        f"What is left of {name(budget, in_sentence=True)} is set aside for answers that are being written. "
        "Please try again in a minute."
    )


def name(budget: Budget, *, in_sentence: bool = False) -> str:
    """As the person reads it who asked: a person's budget is always the asker's own."""
    limit = f"(${budget.limit_usd:,.2f})"
    if budget.scope == Scope.PERSON:
        when = "today" if budget.period == Period.DAY else "this month"
        return f"{'your' if in_sentence else 'Your'} budget for {when} {limit}"
    when = "oday's" if budget.period == Period.DAY else "his month's"
    return f"{'t' if in_sentence else 'T'}{when} budget for {budget.whom()} {limit}"
