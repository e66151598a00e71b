"""Telling those in charge, once per period, that a budget is nearly spent."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from governance.access.models import User
from governance.audit.services import record
from governance.gateway.money.budgets import present_periods
from governance.gateway.money.models import Budget, BudgetPeriod
from governance.gateway.money.seen import is_about_few

logger = logging.getLogger(__name__)
TOLD_OF_MONEY = "Managers"
STILL_NEWS = timedelta(hours=1)
"""A period that ended within the last hour may still be told of."""


def alert_where_due(*, now: datetime | None = None) -> int:
    """Put each budget on record that has reached its alert, and send the e-mails. Returns how many there were."""
    moment = now or timezone.now()
    return sum(alert(period, moment) for period in to_be_told_of(moment))


def to_be_told_of(moment: datetime) -> QuerySet[BudgetPeriod]:
    budgets = list(Budget.objects.active())
    recent = present_periods(budgets, moment) | present_periods(budgets, moment - STILL_NEWS)
    enough = F("budget__limit_usd") * F("budget__alert_percent") / 100
    rows = BudgetPeriod.objects.filter(recent, alerted_at=None, spent_usd__gte=enough)
    return rows.select_related("budget__group", "budget__person")


def alert(period: BudgetPeriod, moment: datetime) -> bool:
    """Whether it was this process that did it. The e-mails go out when the row is free again."""
    with transaction.atomic():
        if not BudgetPeriod.objects.filter(pk=period.pk, alerted_at=None).update(alerted_at=moment):
            return False
        record(
            actor=None,
            action="budget.alert",
            target=str(period.budget),
            spent_usd=f"{period.spent_usd:.2f}",
            percent=int(period.spent_percent),
        )
    if settings.ASKACME.email_url.get_secret_value():
        for person in those_in_charge(period.budget):
            tell(person, period)
    return True


def those_in_charge(budget: Budget) -> QuerySet[User]:
    """Managers are not told what one person spends, or a few."""
    in_charge = Q(is_superuser=True)
    if not is_about_few(budget):
        in_charge |= Q(groups__name=TOLD_OF_MONEY)
    return User.objects.filter(in_charge, is_active=True).distinct()


def tell(person: User, period: BudgetPeriod) -> None:
    budget = period.budget
    subject = f"{int(period.spent_percent)} % of the budget for {budget.whom()} is spent"
    try:
        send_mail(subject, text_for(person, period), None, [person.email])
    except (SMTPException, OSError):
        logger.exception("The alert to %s could not be sent; it stands in the audit record", person)


def text_for(person: User, period: BudgetPeriod) -> str:
    budget = period.budget
    site = settings.ASKACME.public_url.rstrip("/") or f"http://localhost:{settings.ASKACME.port}"
    slower = (
        f"From {budget.degrade_percent} % on, questions are answered by the cheaper models only.\n"
        if budget.degrade_percent
        else ""
    )
    return (
        f"Hello {person},\n\n"
        f"of the budget for {budget.whom()} (${budget.limit_usd:,.2f} a {budget.period}), "
        f"${period.spent_usd:,.2f} is spent since {period.start:%-d %B}.\n\n{slower}"
        f"When all of it is spent, questions that need it are refused until the next {budget.period} begins.\n\n"
        f"{site}{reverse('admin:governance_budget_changelist')}\n"
    )
