"""What models cost, what may be spent, and what is spent and set aside."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from governance.gateway.types import Rate

Q = models.Q
HOLD_EXPIRES_AFTER = timedelta(minutes=15)
"""Longer than any call may take: whoever made the hold is gone by then."""


def today() -> date:
    """Prices and periods turn at midnight UTC, wherever people sit."""
    return datetime.now(UTC).date()


def later() -> datetime:
    return timezone.now() + HOLD_EXPIRES_AFTER


class Price(models.Model):
    """What one model, or each whose name begins alike, costs from a day on. In US dollars per million tokens."""

    provider = models.CharField(
        max_length=60,
        blank=True,
        help_text="Name of the provider; empty for all. A price for one provider goes before prices for all.",
    )
    model = models.CharField(
        max_length=120, help_text="The provider's name of the model. A * at the end stands for any ending."
    )
    valid_from = models.DateField(
        default=today, help_text="A new price is a new row: what was called before keeps its cost."
    )
    input_usd = models.DecimalField("input", max_digits=12, decimal_places=6)
    cached_input_usd = models.DecimalField(
        "cached input", max_digits=12, decimal_places=6, null=True, blank=True, help_text="Empty: as input."
    )
    cache_write_usd = models.DecimalField(
        "cache write", max_digits=12, decimal_places=6, null=True, blank=True, help_text="Empty: as input."
    )
    output_usd = models.DecimalField("output", max_digits=12, decimal_places=6)
    source = models.CharField(max_length=120, blank=True, help_text="Where the price stands, and when it was read.")

    class Meta:
        verbose_name = "price"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "model", "valid_from"],
                name="price_one_per_day",
                violation_error_message="There is a price for this model from this day on already: change that one.",
            ),
            models.CheckConstraint(
                condition=Q(input_usd__gte=0, output_usd__gte=0)
                & (Q(cached_input_usd=None) | Q(cached_input_usd__gte=0))
                & (Q(cache_write_usd=None) | Q(cache_write_usd__gte=0)),
                name="price_not_negative",
                violation_error_message="A price can't be negative.",
            ),
            models.CheckConstraint(
                condition=~Q(model__regex=r"\*.") & ~Q(model=""),
                name="price_star_only_at_the_end",
                violation_error_message="A * can only stand at the end of the model's name.",
            ),
        ]
        ordering = ["model", "provider", "-valid_from"]

    def __str__(self) -> str:
        return f"{self.provider or 'any provider'}: {self.model} from {self.valid_from}"

    def rate(self) -> Rate:
        return Rate(
            input=self.input_usd,
            output=self.output_usd,
            cached_input=self.input_usd if self.cached_input_usd is None else self.cached_input_usd,
            cache_write=self.input_usd if self.cache_write_usd is None else self.cache_write_usd,
        )


class Period(models.TextChoices):
    DAY = "day"
    MONTH = "month"

    def start(self, moment: datetime) -> date:
        """The first day of the period that the moment falls into."""
        day = moment.astimezone(UTC).date()
        return day if self is Period.DAY else day.replace(day=1)

    def end(self, start: date) -> datetime:
        """When the next one begins."""
        following = start + timedelta(days=1) if self is Period.DAY else (start + timedelta(days=31)).replace(day=1)
        return datetime.combine(following, time(), UTC)


class BudgetQuerySet(models.QuerySet["Budget"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_periods(self, moment: datetime) -> Self:
        """Each with the row of its present period, if something was spent in it."""
        starts = {period.start(moment) for period in Period}
        return self.prefetch_related(models.Prefetch("periods", BudgetPeriod.objects.filter(start__in=starts)))


class Budget(models.Model):
    """What may be spent per day or month on all calls of one scope. A call weighs on every budget it falls under."""

    class Scope(models.TextChoices):
        COMPANY = "company", "the company"
        GROUP = "group", "a group"
        PERSON = "person", "a person"
        PROVIDER = "provider", "a provider"
        PURPOSE = "purpose", "a purpose"

    scope = models.CharField("for", max_length=10, choices=Scope, default=Scope.COMPANY)
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="budgets")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="budgets")
    endpoint = models.CharField(
        "provider or purpose",
        max_length=60,
        blank=True,
        help_text="The provider's name, or what the call is for, as the list of model calls shows it.",
    )
    period = models.CharField("per", max_length=5, choices=Period, default=Period.MONTH)
    limit_usd = models.DecimalField(
        "limit in US dollars", max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    alert_percent = models.PositiveSmallIntegerField(
        "alert at %",
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Administrators and managers get one e-mail per period when so much is spent.",
    )
    degrade_percent = models.PositiveSmallIntegerField(
        "only fast models from %",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="When so much is spent, answers come from the cheaper models. Empty: never.",
    )
    is_active = models.BooleanField("active", default=True)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="company", group=None, person=None, endpoint="")
                | Q(scope="group", group__isnull=False, person=None, endpoint="")
                | Q(scope="person", group=None, person__isnull=False, endpoint="")
                | (Q(scope__in=["provider", "purpose"], group=None, person=None) & ~Q(endpoint="")),
                name="budget_key_fits_scope",
                violation_error_message="Say whom or what the budget is for.",
            ),
            models.UniqueConstraint(
                fields=["scope", "group", "person", "endpoint", "period"],
                name="budget_one_per_scope_and_period",
                nulls_distinct=False,
                violation_error_message="There is such a budget already: change that one.",
            ),
            models.CheckConstraint(condition=Q(period__in=["day", "month"]), name="budget_period_known"),
            models.CheckConstraint(condition=Q(limit_usd__gt=0), name="budget_limit_positive"),
            models.CheckConstraint(
                condition=Q(alert_percent__range=(1, 100))
                & (Q(degrade_percent=None) | Q(degrade_percent__range=(1, 100))),
                name="budget_percents_in_range",
            ),
        ]
        ordering = ["scope", "endpoint", "period", "id"]

    def __str__(self) -> str:
        return f"{self.whom()}, ${self.limit_usd:,.2f} a {self.period}"

    def clean(self) -> None:
        """Only the field that the scope asks for is kept."""
        keys = {"group": ["group"], "person": ["person"], "provider": ["endpoint"], "purpose": ["endpoint"]}
        wanted = keys.get(self.scope, [])
        self.group = self.group if "group" in wanted else None
        self.person = self.person if "person" in wanted else None
        self.endpoint = self.endpoint.strip() if "endpoint" in wanted else ""
        missing = {name: "Say whom or what the budget is for." for name in wanted if not getattr(self, name)}
        if missing:
            raise ValidationError(missing)

    def whom(self) -> str:
        """Whom or what the money is for, to stand after "the budget for"."""
        match self.scope:
            case self.Scope.GROUP:
                return f"the group {self.group}"
            case self.Scope.PERSON:
                return str(self.person)
            case self.Scope.PROVIDER:
                return f"the provider “{self.endpoint}”"
            case self.Scope.PURPOSE:
                return f"the purpose “{self.endpoint}”"
        return "the company"

    def start(self, moment: datetime) -> date:
        return Period(self.period).start(moment)

    def end(self, moment: datetime) -> datetime:
        return Period(self.period).end(self.start(moment))

    def current(self, moment: datetime) -> "BudgetPeriod":
        """The present period's row; one that isn't kept yet is empty."""
        start = self.start(moment)
        kept = (period for period in self.periods.all() if period.start == start)
        return next(kept, None) or BudgetPeriod(budget=self, start=start)


class BudgetPeriod(models.Model):
    """One budget's money in one day or month. `reserved_usd` is the sum of the holds that weigh on it."""

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="periods")
    start = models.DateField()
    spent_usd = models.DecimalField(max_digits=18, decimal_places=8, default=0)
    reserved_usd = models.DecimalField(max_digits=18, decimal_places=8, default=0)
    alerted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "start"], name="budgetperiod_one_per_start"),
            models.CheckConstraint(
                condition=Q(spent_usd__gte=0, reserved_usd__gte=0), name="budgetperiod_not_negative"
            ),
        ]
        ordering = ["-start", "budget"]

    def __str__(self) -> str:
        return f"{self.budget}, from {self.start}"

    @property
    def unspent_usd(self) -> Decimal:
        """What is left if nothing that is set aside gets spent."""
        return self.budget.limit_usd - self.spent_usd

    @property
    def free_usd(self) -> Decimal:
        return self.unspent_usd - self.reserved_usd

    @property
    def left_usd(self) -> Decimal:
        """For people: a call may cost more than was set aside, and a limit may be lowered."""
        return max(Decimal(0), self.free_usd)

    @property
    def spent_percent(self) -> Decimal:
        return 100 * self.spent_usd / self.budget.limit_usd


class HoldQuerySet(models.QuerySet["Hold"]):
    def expired(self, moment: datetime) -> Self:
        return self.filter(state=Hold.State.HELD, expires_at__lte=moment)


class Hold(models.Model):
    """
    Money set aside for one call before it is made, in every budget the call falls under.

    `swept`: the process that made it died, nobody knows what was spent, so all of it counts as spent.
    """

    class State(models.TextChoices):
        HELD = "held"
        SETTLED = "settled"
        RELEASED = "released"
        SWEPT = "swept"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    request_id = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=later)
    provider = models.CharField(max_length=60)
    model = models.CharField(max_length=120)
    amount_usd = models.DecimalField(max_digits=18, decimal_places=8)
    cost_usd = models.DecimalField(max_digits=18, decimal_places=8, null=True)
    state = models.CharField(max_length=8, choices=State, default=State.HELD)
    periods = models.ManyToManyField(BudgetPeriod, related_name="holds")

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_usd__gt=0), name="hold_amount_positive"),
            models.CheckConstraint(
                condition=Q(state="held", cost_usd=None)
                | Q(state__in=["settled", "swept"], cost_usd__gte=0)
                | Q(state="released", cost_usd=0),
                name="hold_cost_fits_state",
            ),
        ]
        indexes = [
            # The sweep: what was held and never closed.
            models.Index(fields=["expires_at"], name="hold_open_by_expiry", condition=Q(state="held")),
            models.Index(fields=["-created_at"], name="hold_newest_first"),  # the console: newest first
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"${self.amount_usd:.6f} for {self.model}, {self.state}"
