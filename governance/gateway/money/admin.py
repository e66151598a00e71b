"""Budgets, prices and holds in the console."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from governance.access.console import AuditedAdmin, ReadOnlyAdmin, actor_of, display
from governance.audit.anonymity import sees_people, smallest_group
from governance.gateway.money.models import Budget, BudgetPeriod, Hold, Price
from governance.gateway.money.seen import seen_by


@admin.register(Budget)
class BudgetAdmin(AuditedAdmin[Budget]):
    audit_as = "budget"
    list_display = ["whom_and_period", "limit", "spending", "at_percent", "status"]
    list_filter = ["scope", "period", "is_active"]
    list_per_page = 50
    list_fullwidth = True
    search_fields = ["endpoint", "group__name", "person__email", "person__name"]
    search_help_text = "Group, person, provider or purpose"
    show_full_result_count = False
    autocomplete_fields = ["group", "person"]
    readonly_fields = ["spending"]
    fieldsets = [
        (None, {"fields": ["scope", "group", "person", "endpoint", "period", "limit_usd", "is_active"]}),
        ("Before it is used up", {"fields": ["alert_percent", "degrade_percent"]}),
        ("Now", {"fields": ["spending"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        listed = seen_by(actor_of(request), Budget.objects.with_periods(timezone.now()))
        return listed.select_related("group", "person")

    def get_fieldsets(self, request: HttpRequest, obj: Budget | None = None) -> Any:
        shown = list(self.fieldsets)
        return shown if obj else shown[:-1]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Django's own list would name each call that weighed on the budget."""
        return [str(budget) for budget in objs], {"budgets": len(objs)}, set(), []

    @display(description="budget", header=True, ordering="scope")
    def whom_and_period(self, budget: Budget) -> list[str]:
        whom = budget.whom()
        return [whom[:1].upper() + whom[1:], f"per {budget.period}"]

    @display(description="limit", ordering="limit_usd")
    def limit(self, budget: Budget) -> str:
        return f"${budget.limit_usd:,.2f}"

    @display(description="this period")
    def spending(self, budget: Budget) -> str:
        if is_hidden(budget):
            return f"Not shown: of fewer than {smallest_group()} people, or it would tell what so few spent."
        now = timezone.now()
        context = {
            "period": budget.current(now),
            "ends": budget.end(now),
            "holds": reverse("admin:governance_hold_changelist") + f"?periods__budget__id__exact={budget.pk}",
        }
        return render_to_string("admin/money/spending.html", context)

    @display(description="before that")
    def at_percent(self, budget: Budget) -> str:
        cheaper = f", only fast models at {budget.degrade_percent}\u00a0%" if budget.degrade_percent else ""
        return f"alert at {budget.alert_percent}\u00a0%{cheaper}"

    @display(description="status", label={"active": "success", "used up": "danger", "off": "warning"})
    def status(self, budget: Budget) -> str:
        if not budget.is_active:
            return "off"
        if is_hidden(budget):
            return "active"
        return "used up" if budget.current(timezone.now()).unspent_usd <= 0 else "active"


@admin.register(Price)
class PriceAdmin(AuditedAdmin[Price]):
    audit_as = "price"
    list_display = ["model_and_provider", "input", "cached_input", "cache_write", "output", "valid_from"]
    list_filter = ["provider", "valid_from"]
    list_per_page = 100
    list_fullwidth = True
    search_fields = ["model", "provider", "source"]
    search_help_text = "Model, provider or source"
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["model", "provider", "valid_from", "source"]}),
        (
            "US dollars per million tokens",
            {"fields": ["input_usd", "cached_input_usd", "cache_write_usd", "output_usd"]},
        ),
    ]

    @display(description="model", header=True, ordering="model")
    def model_and_provider(self, price: Price) -> list[str]:
        return [price.model, price.provider or "any provider"]

    @display(description="input", ordering="input_usd")
    def input(self, price: Price) -> str:
        return dollars(price.rate().input)

    @display(description="cached input", ordering="cached_input_usd")
    def cached_input(self, price: Price) -> str:
        return dollars(price.rate().cached_input)

    @display(description="cache write", ordering="cache_write_usd")
    def cache_write(self, price: Price) -> str:
        return dollars(price.rate().cache_write)

    @display(description="output", ordering="output_usd")
    def output(self, price: Price) -> str:
        return dollars(price.rate().output)


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin[Hold]):
    list_display = ["created_at", "model_and_provider", "budgets", "amount", "cost", "shown_state"]
    list_filter = ["state", ("periods__budget", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["=request_id", "model", "provider"]
    search_help_text = "Request id, model or provider"
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    fields = ["created_at", "expires_at", "request_id", "provider", "model", "budgets", "amount", "cost", "shown_state"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        """Of a call that somebody pays for, managers see what it cost, not who it was."""
        seen = Prefetch(
            "periods", BudgetPeriod.objects.filter(budget__in=seen_by(actor_of(request), Budget.objects.all()))
        )
        return super().get_queryset(request).prefetch_related(seen, "periods__budget__group", "periods__budget__person")

    def get_list_filter(self, request: HttpRequest) -> Any:
        """By budget one person's calls could be told from all others."""
        return self.list_filter if sees_people(actor_of(request)) else ["state"]

    @display(description="model", header=True, ordering="model")
    def model_and_provider(self, hold: Hold) -> list[str]:
        return [hold.model, hold.provider]

    @display(description="budgets")
    def budgets(self, hold: Hold) -> str:
        return "; ".join(f"{period.budget.whom()}, {period.budget.period}" for period in hold.periods.all())

    @display(description="set aside", ordering="amount_usd")
    def amount(self, hold: Hold) -> str:
        return f"${hold.amount_usd:.6f}"

    @display(description="cost", ordering="cost_usd")
    def cost(self, hold: Hold) -> str:
        return "not known yet" if hold.cost_usd is None else f"${hold.cost_usd:.6f}"

    @display(
        description="state",
        ordering="state",
        label={"held": "info", "settled": "success", "released": "success", "swept": "warning"},
    )
    def shown_state(self, hold: Hold) -> str:
        return hold.state


def is_hidden(budget: Budget) -> bool:
    """As the list's query found it; a budget from elsewhere is not known to be one to show."""
    return bool(getattr(budget, "is_hidden", True))


def dollars(amount: Decimal) -> str:
    """With cents, or all the places there are: $0.10, $0.0028."""
    cents = amount.quantize(Decimal("0.01"))
    return f"${cents:,}" if cents == amount else f"${amount.normalize():f}"
