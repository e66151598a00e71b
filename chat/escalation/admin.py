"""Questions that were handed over, in the console: who is asked, and how it goes; never what they say."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince

from chat.escalation.models import Escalation, Inbox
from governance.access.console import AuditedAdmin, ReadOnlyAdmin, display

LATE = timedelta(days=2)
"""After that, somebody should look why nobody has answered."""


@admin.register(Inbox)
class InboxAdmin(AuditedAdmin[Inbox]):
    """Which group gets the questions of which department."""

    audit_as = "inbox"
    list_display = ["department_shown", "group", "members"]
    list_select_related = ["group"]
    fields = ["department", "group"]

    @display(description="department", ordering="department")
    def department_shown(self, inbox: Inbox) -> str:
        return inbox.get_department_display() or "All others"

    @display(description="members")
    def members(self, inbox: Inbox) -> int:
        return inbox.group.user_set.filter(is_active=True).count()


@admin.register(Escalation)
class EscalationAdmin(ReadOnlyAdmin[Escalation]):
    """An overview. What people wrote is between them: the inbox shows it to those who were asked."""

    list_display = ["created_at", "asked_by", "asked_of", "status", "waited", "done_by"]
    list_filter = ["state", "closed_as", "message__department", ("group", admin.RelatedOnlyFieldListFilter)]
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "created_at"
    fields = ["created_at", "asked_by", "asked_of", "status", "waited", "done_by", "claimed_at", "ended_at", "seen_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Escalation]:
        found: QuerySet[Escalation] = super().get_queryset(request)
        return found.select_related("message__conversation__user", "claimed_by", "replied_by").defer(
            "question", "note", "reply", "reason", "message__question", "message__answer"
        )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what is offered: by others the list would tell what people wrote, letter by letter."""
        return lookup.split("__", 1)[0] in {"state", "closed_as", "group", "created_at"} or lookup.startswith(
            "message__department"
        )

    @display(description="asked by")
    def asked_by(self, escalation: Escalation) -> str:
        return str(escalation.asker)

    @display(
        description="state",
        ordering="state",
        label={"open": "info", "late": "danger", "taken up": "info", "answered": "success", "closed": "warning"},
    )
    def status(self, escalation: Escalation) -> Any:
        if escalation.is_open and timezone.now() - escalation.created_at > LATE:
            return "late", f"{escalation.get_state_display()}, late"
        names = {"claimed": "taken up"}
        words = escalation.get_closed_as_display() or escalation.get_state_display()
        return names.get(escalation.state, escalation.state), words

    @display(description="waited")
    def waited(self, escalation: Escalation) -> str:
        """How long it took, or has been waiting."""
        return timesince(escalation.created_at, escalation.ended_at or timezone.now())

    @display(description="by")
    def done_by(self, escalation: Escalation) -> str:
        return str(escalation.replied_by or escalation.claimed_by or "–")
