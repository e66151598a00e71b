"""Erasing a person, in the console: what would go is counted first, then the address is typed once more."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from askacme.lib.errors import AskAcmeError
from governance.access.console import actor_of
from governance.access.models import User
from governance.access.people import person
from governance.audit.erasure import Erased, erase_person

MIN_REASON_CHARS = 20


class ErasureForm(forms.Form):
    person = forms.EmailField(label="E-mail address of the person")
    heir = forms.EmailField(required=False, label="Who gets their documents")
    reason = forms.CharField(required=False, max_length=500)
    confirmed = forms.EmailField(required=False)

    def clean(self) -> dict[str, Any]:
        """By POST: a reason, and the address typed once more."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if len(said.get("reason", "").strip()) < MIN_REASON_CHARS:
            self.add_error("reason", f"Say why, in at least {MIN_REASON_CHARS} characters.")
        if said.get("confirmed", "").lower() != said.get("person", "").lower():
            self.add_error("confirmed", "This is not the address of the person who is to be erased.")
        return said


def erasure_page(request: HttpRequest) -> HttpResponse:
    """Raises PermissionDenied for all but superusers: this can't be undone."""
    actor = actor_of(request)
    if not actor.is_superuser:
        raise PermissionDenied
    form = ErasureForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            erased = erase_person(actor=actor, email=said["person"], reason=said["reason"], heir=heir_in(said["heir"]))
        except AskAcmeError as error:
            context["problem"] = str(error)
        else:
            messages.success(request, f"Erased: {in_words(erased)}.")
            return redirect("admin:governance_auditevent_changelist")
    asked = request.POST or request.GET
    context |= {"form": form, "person": asked.get("person", ""), "heir": asked.get("heir", "")}
    if context["person"] and "problem" not in context:
        context |= would_go(actor, context["person"], context["heir"])
    frame = {**admin.site.each_context(request), "title": "Erase a person", "min_chars": MIN_REASON_CHARS}
    return TemplateResponse(request, "admin/governance/audit/erase.html", frame | context)


def would_go(actor: User, email: str, heir: str) -> dict[str, Any]:
    try:
        return {"counts": counted(rehearsed(actor, person(email), heir_in(heir)))}
    except AskAcmeError as error:
        return {"problem": str(error)}


def rehearsed(actor: User, leaving: User, heir: User | None) -> Erased:
    """The erasure itself, taken back: so what it says is what will happen. Raises what it raises."""
    with transaction.atomic():
        erased = erase_person(actor=actor, email=leaving.email, reason="Rehearsal", heir=heir)
        transaction.set_rollback(True)
    return erased


def heir_in(email: str) -> User | None:
    """Raises NotFound."""
    return person(email) if email else None


def counted(erased: Erased) -> list[tuple[str, int]]:
    return [(name.replace("_", " "), count) for name, count in erased.counts.items()]


def in_words(erased: Erased) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counted(erased) if count) or "the account"
