"""Which budgets a call falls under."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.db.models.signals import post_delete, post_save

from governance.gateway.money.models import Budget, Period
from governance.gateway.money.remembered import Remembered
from governance.gateway.types import Caller

Scope = Budget.Scope
active: Remembered[tuple[Budget, ...]] = Remembered(lambda: tuple(Budget.objects.active()), for_s=2)
"""The limits themselves are read afresh with each reservation; only which budgets there are is remembered."""

post_save.connect(active.forget, sender=Budget)
post_delete.connect(active.forget, sender=Budget)


def budgets_on(caller: Caller, *, provider: str | None) -> list[Budget]:
    """The active budgets that a call of this caller weighs on; those of providers only if one is named."""
    return [budget for budget in active.get() if concerns(budget, caller, provider)]


def concerns(budget: Budget, caller: Caller, provider: str | None) -> bool:
    match budget.scope:
        case Scope.GROUP:
            return budget.group_id in caller.group_ids
        case Scope.PERSON:
            return budget.person_id == caller.user_id
        case Scope.PROVIDER:
            return budget.endpoint == provider
        case Scope.PURPOSE:
            return budget.endpoint == caller.purpose
    return True


def present_periods(budgets: Iterable[Budget], moment: datetime) -> Q:
    """Among BudgetPeriods: those of these budgets that the moment falls into."""
    ids: dict[str, list[int]] = {period: [] for period in Period}
    for budget in budgets:
        ids[budget.period].append(budget.pk)
    return Q(budget__in=ids[Period.DAY], start=Period.DAY.start(moment)) | Q(
        budget__in=ids[Period.MONTH], start=Period.MONTH.start(moment)
    )
