"""The audit record in the console: the one list, an act in full, the trace of an answer; nobody changes any of it."""

from collections.abc import Mapping
from itertools import chain
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.access.console import ReadOnlyAdmin, display
from governance.audit.download import download
from governance.audit.erasure_page import erasure_page
from governance.audit.holds_admin import LegalHoldAdmin, RetentionRuleAdmin
from governance.audit.models import AuditedAnswer, AuditEvent, AuditLink
from governance.audit.pages import record_page
from governance.audit.trace_page import trace_page

__all__ = ["AuditEventAdmin", "AuditedAnswerAdmin", "LegalHoldAdmin", "RetentionRuleAdmin"]

CHANGES = ("before", "after")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin[AuditEvent]):
    fields = ["at", "who", "action", "target", "details_in_full", "place_in_chain"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("export/", view(download), name="governance_audit_export"),
            path("erase/", view(erasure_page), name="governance_erase_person"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return record_page(request)

    @display(description="who")
    def who(self, event: AuditEvent) -> str:
        return event.actor_email or ("somebody who was erased" if event.erased_at else "system")

    @display(description="details")
    def details_in_full(self, event: AuditEvent) -> SafeString:
        context = {"changes": changes_in(event.details), "facts": facts_in(event.details), "erased_at": event.erased_at}
        return SafeString(render_to_string("admin/governance/audit/changes.html", context))

    @display(description="place in the chain")
    def place_in_chain(self, event: AuditEvent) -> SafeString:
        return format_html('<span class="audit-id">{}</span>', place_of("act", event.pk))


@admin.register(AuditedAnswer)
class AuditedAnswerAdmin(ReadOnlyAdmin[AuditedAnswer]):
    """No list and no form of its own: answers stand in the one list, each leads to its trace."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.trace)
        return [path("trace/<uuid:request_id>/", page, name="governance_trace"), *super().get_urls()]

    def trace(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        return trace_page(request, request_id)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:governance_auditevent_changelist")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = get_object_or_404(AuditedAnswer.objects.only("request_id"), pk=object_id)
        return redirect("admin:governance_trace", answer.request_id)


def changes_in(details: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Each field with what stood there before and what after, in words."""
    before, after = (side_of(details, side) for side in CHANGES)
    names = dict.fromkeys(chain(before, after))
    return [(name, as_words(before.get(name)), as_words(after.get(name))) for name in names]


def side_of(details: Mapping[str, Any], side: str) -> dict[str, Any]:
    told = details.get(side)
    return told if isinstance(told, dict) else {}


def facts_in(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """All else that the act left on record."""
    left = {name: value for name, value in details.items() if not (name in CHANGES and isinstance(value, dict))}
    return [(name.replace("_", " "), as_words(value)) for name, value in left.items()]


def as_words(value: object) -> str:
    match value:
        case None | "" | [] | {}:
            return "–"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(as_words, value))
        case dict():
            return "\n".join(f"{name}: {as_words(part)}" for name, part in value.items())
    return str(value)


def place_of(kind: str, pk: int) -> str:
    """Its number and its seal; a row gets them when its transaction ends."""
    link = AuditLink.objects.filter(kind=kind, row_id=pk).first()
    return f"No. {link.seq:,}, sealed with {link.hash}" if link else "not in the chain yet"
