"""The audit record as a page of the console: acts and answers together, searched and filtered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from askacme.lib.errors import InvalidInput
from askacme.lib.sealed import seal
from governance.access.console import actor_of
from governance.access.models import User
from governance.audit.models import AuditedAnswer, AuditEvent
from governance.audit.search import Filters, Row, page_of
from governance.audit.services import record
from governance.gateway.routing.models import Department
from governance.guardrails.values import Action

SIGHTS = ("governance.view_auditevent", "governance.view_auditedanswer")
GUARDS = ("injection", "harm", "topic", "pii", "canary", "prompt", "secret", "link", "html", "length")
STATUSES = ("success", "cache_hit", "no_answer", "filtered", "output_filtered", "fallback", "error")
SUGGESTED_FROM = 2000
"""How many of the newest rows the suggestions of a field are taken from."""


def options(*values: str) -> list[tuple[str, str]]:
    return [("", "any"), *((value, value.replace("_", " ")) for value in values)]


class RecordForm(forms.Form):
    kind = forms.ChoiceField(
        choices=[("", "acts and answers"), ("acts", "acts"), ("answers", "answers")], required=False, label="Show"
    )
    person = forms.EmailField(required=False, label="Person’s e-mail")
    since = forms.DateField(required=False, label="From", widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput({"type": "date"}))
    action = forms.CharField(required=False, max_length=60, label="Act", widget=forms.TextInput({"list": "actions"}))
    target = forms.CharField(required=False, max_length=200, label="Done to")
    status = forms.ChoiceField(choices=options(*STATUSES), required=False, label="Status of the answer")
    department = forms.ChoiceField(choices=[("", "any"), *Department.choices], required=False)
    model = forms.CharField(required=False, max_length=120, widget=forms.TextInput({"list": "models"}))
    prompt_version = forms.CharField(required=False, max_length=60, widget=forms.TextInput({"list": "prompts"}))
    guard = forms.ChoiceField(choices=options(*GUARDS), required=False, label="Guard that decided")
    verdict = forms.ChoiceField(choices=options(*Action), required=False, label="Its verdict")
    words = forms.CharField(required=False, max_length=200, label="Words of the question or answer")
    request_id = forms.UUIDField(required=False, label="Request id")


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the list shows it. Where `who` is hidden, `found` is the answer's sealed number, for break-glass."""

    row: Row
    who: str
    url: str
    found: str = ""

    @property
    def is_answer(self) -> bool:
        return isinstance(self.row, AuditedAnswer)


def record_page(request: HttpRequest) -> HttpResponse:
    """Raises PermissionDenied. With a request id that is on record, its trace."""
    must_see(request)
    form = RecordForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "before": request.GET.get("before", "")}
    if not form.is_bound or form.is_valid():
        said = form.cleaned_data if form.is_bound else {}
        if request_id := said.get("request_id"):
            return redirect("admin:governance_trace", request_id)
        filters = filters_of(said)
        try:
            page = page_of(filters, before=parse_moment(request.GET.get("before", "")))
        except InvalidInput as error:
            form.add_error("words", str(error))
        else:
            if filters.words:
                record(actor=actor_of(request), action="audit.search", target=filters.words, found=len(page.rows))
            context |= {"lines": list(lines_of(page.rows, filters)), "hides_people": filters.hides_people}
            context |= {"older": address(request, before=page.before.isoformat()) if page.before else ""}
    return shown(request, context)


def shown(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    frame = {
        **admin.site.each_context(request),
        "title": "Audit record",
        "newest": address(request),
        "export": reverse("admin:governance_audit_export") + "?" + parameters(request),
        "suggested": {"actions": latest("action"), "models": latest("model"), "prompts": latest("prompt_version")},
    }
    return TemplateResponse(request, "admin/governance/audit/record.html", frame | context)


def must_see(request: HttpRequest) -> None:
    if not actor_of(request).has_perms(SIGHTS):
        raise PermissionDenied


def filters_of(said: dict[str, Any]) -> Filters:
    return Filters(**{name: value for name, value in said.items() if value and name != "request_id"})


def lines_of(rows: Iterable[Row], filters: Filters) -> Iterator[Line]:
    listed = list(rows)
    people = User.objects.in_bulk({row.user_id for row in listed if isinstance(row, AuditedAnswer) and row.user_id})
    for row in listed:
        if isinstance(row, AuditEvent):
            page = reverse("admin:governance_auditevent_change", args=[row.pk])
            yield Line(row, row.actor_email or ("somebody who was erased" if row.erased_at else "system"), page)
        elif filters.hides_people:
            yield Line(row, "", "", found=seal(str(row.request_id)))
        else:
            person = people.get(row.user_id or 0)
            who = person.email if person else "somebody who is gone" if row.user_id else "nobody"
            yield Line(row, who, reverse("admin:governance_trace", args=[row.request_id]))


def latest(name: str) -> list[str]:
    """Values of late, for a field to suggest."""
    rows = AuditEvent.objects.order_by("-at") if name == "action" else AuditedAnswer.objects.order_by("-at")
    return sorted(set(rows.values_list(name, flat=True)[:SUGGESTED_FROM]) - {""})


def parse_moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def parameters(request: HttpRequest, **changed: str) -> str:
    given = request.GET.copy()
    given.pop("before", None)
    given.update(changed)
    return given.urlencode()


def address(request: HttpRequest, **changed: str) -> str:
    return f"{reverse('admin:governance_auditevent_changelist')}?{parameters(request, **changed)}"
