"""Retention rules and legal holds in the console: auditors look, superusers decide; each decision is on record."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from askacme.lib.errors import AskAcmeError
from governance.access.console import ModelAdmin, action, actor_of, display
from governance.audit.holds import end_hold, keep_for, place_hold
from governance.audit.models import LegalHold, RetentionRule


@admin.register(RetentionRule)
class RetentionRuleAdmin(ModelAdmin[RetentionRule]):
    list_display = ["what", "how_long"]
    list_before_template = "admin/governance/audit/retention_note.html"
    fields = ["table", "days"]

    def get_readonly_fields(self, request: HttpRequest, obj: RetentionRule | None = None) -> list[str]:
        return ["table"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: RetentionRule | None = None) -> bool:
        """A rule without days keeps for ever, and says so on record."""
        return False

    def save_model(self, request: HttpRequest, obj: RetentionRule, form: Any, change: bool) -> None:  # noqa: FBT001
        obj.pk = keep_for(actor=actor_of(request), table=obj.table, days=obj.days).pk

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        ruled = RetentionRule.objects.exclude(days=None).values_list("table", flat=True)
        kept = [label for table, label in RetentionRule.Table.choices if table not in set(ruled)]
        return super().changelist_view(request, {**(extra_context or {}), "kept_for_ever": kept})

    @display(description="what", ordering="table")
    def what(self, rule: RetentionRule) -> str:
        return rule.get_table_display()

    @display(description="is deleted after", ordering="days")
    def how_long(self, rule: RetentionRule) -> str:
        return f"{rule.days:,} days" if rule.days else "never"


class LegalHoldForm(ModelForm[LegalHold]):
    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(said.get("person")) == bool(said.get("for_everyone")):
            self.add_error("person", "Choose a person, or everyone.")
        if said.get("until") and said["until"] <= timezone.now():
            self.add_error("until", "The end of a legal hold lies in the future.")
        return said


@admin.register(LegalHold)
class LegalHoldAdmin(ModelAdmin[LegalHold]):
    """Placed and ended, never changed or deleted: that it was there is part of the record."""

    form = LegalHoldForm
    list_display = ["whom", "reason", "starts_at", "until", "state"]
    list_fullwidth = True
    list_per_page = 50
    list_select_related = ["person"]
    search_fields = ["person__email", "reason"]
    show_full_result_count = False
    autocomplete_fields = ["person"]
    actions = ["end_selected"]

    def get_fields(self, request: HttpRequest, obj: LegalHold | None = None) -> Any:
        placed = ["whom", "reason", "starts_at", "until", "placed_by", "state"]
        return placed if obj else ["for_everyone", "person", "reason", "until"]

    def has_change_permission(self, request: HttpRequest, obj: LegalHold | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LegalHold | None = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).has_perm("governance.change_legalhold")

    def save_model(self, request: HttpRequest, obj: LegalHold, form: Any, change: bool) -> None:  # noqa: FBT001
        placed = place_hold(actor=actor_of(request), person=obj.person, reason=obj.reason, until=obj.until)
        obj.pk = placed.pk

    @action(description="End selected holds", permissions=["end"])
    def end_selected(self, request: HttpRequest, holds: QuerySet[LegalHold]) -> None:
        for hold in holds:
            try:
                ended = end_hold(actor=actor_of(request), hold_id=hold.pk)
            except AskAcmeError as error:
                self.message_user(request, f"{hold}: {error}", messages.WARNING)
            else:
                self.message_user(request, f"Ended: {ended}.", messages.SUCCESS)

    @display(description="covers", ordering="person__email")
    def whom(self, hold: LegalHold) -> str:
        return "Everyone" if hold.for_everyone else str(hold.person or "A person who was erased")

    @display(description="state", label={"in force": "warning", "ended": "success", "to come": "info"})
    def state(self, hold: LegalHold) -> str:
        if hold.starts_at > timezone.now():
            return "to come"
        return "ended" if hold.until and hold.until <= timezone.now() else "in force"
