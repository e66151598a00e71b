"""Usage limits in the console: who may ask how much."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from governance.access.console import AuditedAdmin, display
from governance.gateway.limits.allowance import EACH_PERSON, EVERYONE_TOGETHER, Allowance
from governance.gateway.limits.models import UsageLimit

UNLIMITED = "no limit"
MEANINGS = {
    UsageLimit.Scope.EACH_PERSON: "who has no other limit",
    UsageLimit.Scope.GROUP: "instead of each person’s",
    UsageLimit.Scope.PERSON: "instead of any other",
    UsageLimit.Scope.GROUP_TOGETHER: "shared by its members, besides their own",
    UsageLimit.Scope.EVERYONE_TOGETHER: "shared by all, besides their own",
}
GROUP_SCOPES = {UsageLimit.Scope.GROUP, UsageLimit.Scope.GROUP_TOGETHER}


class UsageLimitForm(ModelForm[UsageLimit]):
    def clean(self) -> dict[str, Any]:
        """What was chosen for another scope, and is hidden now, does not count."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("scope") not in GROUP_SCOPES:
            said["group"] = None
        if said.get("scope") != UsageLimit.Scope.PERSON:
            said["user"] = None
        return said


@admin.register(UsageLimit)
class UsageLimitAdmin(AuditedAdmin[UsageLimit]):
    audit_as = "usage_limit"
    form = UsageLimitForm
    list_display = ["whose", "questions", "tokens", "at_once"]
    list_filter = ["scope"]
    list_fullwidth = True
    list_per_page = 50
    list_select_related = ["group", "user"]
    list_before_template = "admin/limits/defaults.html"
    search_fields = ["group__name", "user__email", "user__name"]
    search_help_text = "Group or person"
    show_full_result_count = False
    autocomplete_fields = ["group", "user"]
    conditional_fields = {"group": "scope == 'group' || scope == 'group_together'", "user": "scope == 'person'"}
    fieldsets = [
        (None, {"fields": ["scope", "group", "user"]}),
        (
            "At most",
            {
                "fields": [
                    ("requests_per_minute", "requests_per_day"),
                    ("tokens_per_minute", "tokens_per_day"),
                    "concurrent_runs",
                ],
                "description": "An empty field sets no limit. Tokens measure text, four letters or so each: what the "
                "model reads and writes for an answer, counted once it is there.",
            },
        ),
    ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"defaults": defaults(), "rates_are_off": settings.ASKACME.rate_limits == "off"}
        return super().changelist_view(request, {**(extra_context or {}), **shown})

    @display(description="for", header=True, ordering="scope")
    def whose(self, limit: UsageLimit) -> list[str]:
        return [str(limit), MEANINGS[UsageLimit.Scope(limit.scope)]]

    @display(description="questions")
    def questions(self, limit: UsageLimit) -> str:
        return rates(limit.requests_per_minute, limit.requests_per_day)

    @display(description="tokens")
    def tokens(self, limit: UsageLimit) -> str:
        return rates(limit.tokens_per_minute, limit.tokens_per_day)

    @display(description="answers at the same time", ordering="concurrent_runs")
    def at_once(self, limit: UsageLimit) -> str:
        return f"{limit.concurrent_runs:,}" if limit.concurrent_runs else UNLIMITED


def rates(per_minute: int | None, per_day: int | None) -> str:
    parts = [f"{per_minute:,} a minute"] if per_minute else []
    parts += [f"{per_day:,} a day"] if per_day else []
    return ", ".join(parts) or UNLIMITED


def defaults() -> list[dict[str, str]]:
    return [
        {"whose": "each person may", "words": in_words(EACH_PERSON)},
        {"whose": "everyone together may", "words": in_words(EVERYONE_TOGETHER)},
    ]


def in_words(allowance: Allowance) -> str:
    """The defaults that are set, as the end of a sentence."""
    asked = rates(allowance.requests_per_minute, allowance.requests_per_day)
    parts = [f"ask {asked}"] if asked != UNLIMITED else []
    parts += [f"have {allowance.concurrent_runs:,} answers running"] if allowance.concurrent_runs else []
    return " and ".join(parts)
