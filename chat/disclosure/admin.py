"""
Break-glass in the console: who read what, and the only way to read a conversation here.

Names, numbers and times are shown before; words only after a reason was given and put on record.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from askacme.lib.errors import AskAcmeError, NotFound
from askacme.lib.sealed import Unreadable, unseal
from chat.conversations.views import uuid_in
from chat.disclosure.said import said_in
from chat.disclosure.services import conversation_with, conversations_of, open_answer, open_conversation
from governance.access.console import ReadOnlyAdmin, action, actor_of, display
from governance.access.people import person
from governance.disclosure.models import MAX_REASON_CHARS, MIN_REASON_CHARS, OPEN_FOR, Reading
from governance.disclosure.services import BREAK_GLASS, open_reading

ASKED = ("person", "request_id", "found", "conversation", "reason")
"""What the page's forms send. `found`: a sealed request id, from a search that names nobody."""


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin[Reading]):
    list_display = ["opened_at", "who", "whose", "reason", "state"]
    list_fullwidth = True
    list_per_page = 50
    list_select_related = ["reader", "owner"]
    search_fields = ["reader__email", "owner__email", "reason"]
    search_help_text = "Reader, owner or reason"
    show_full_result_count = False
    date_hierarchy = "opened_at"
    actions_list = ["break_the_glass"]
    fields = ["who", "whose", "reason", "opened_at", "ends_at", "seen_at", "how_much", "state"]
    change_form_outer_before_template = "admin/disclosure/look_again.html"

    @display(description="read by", ordering="reader__email")
    def who(self, reading: Reading) -> str:
        return str(reading.reader or "Somebody who is gone")

    @display(description="conversation of", ordering="owner__email")
    def whose(self, reading: Reading) -> str:
        return str(reading.owner)

    @display(description="answers opened")
    def how_much(self, reading: Reading) -> int:
        return len(reading.request_ids)

    @display(description="state", label={"open": "warning", "over": "success"})
    def state(self, reading: Reading) -> str:
        return "open" if reading.is_open else "over"

    def has_open_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).has_perm(BREAK_GLASS)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("open/", view(self.open_page), name="governance_reading_open"),
            path("<uuid:reading_id>/conversation/", view(self.conversation_page), name="governance_reading_look"),
            *super().get_urls(),
        ]

    @action(description="Read a conversation", permissions=["open"], url_path="break", icon="lock_open")
    def break_the_glass(self, _request: HttpRequest) -> HttpResponse:
        return redirect("admin:governance_reading_open")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        pk = uuid_in(object_id)
        mine = Reading.objects.open_for(actor_of(request)).filter(pk=pk).first() if pk else None
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "open_reading": mine})

    def open_page(self, request: HttpRequest) -> HttpResponse:
        """Whose, then which, then why. By POST the glass breaks."""
        if not self.has_open_permission(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        given = {name: asked.get(name, "").strip() for name in ASKED}
        context: dict[str, Any] = dict(given)
        try:
            if request.method == "POST":
                opened = opened_by(request, given)
                return redirect("admin:governance_reading_look", opened.pk)
        except AskAcmeError as error:
            context["problem"] = str(error)
        try:
            context |= choices(request, given)
        except AskAcmeError as error:
            context.setdefault("problem", str(error))
        return self.page(request, "admin/disclosure/open.html", "Read a conversation", context)

    def conversation_page(self, request: HttpRequest, reading_id: UUID) -> HttpResponse:
        if not self.has_open_permission(request):
            raise PermissionDenied
        return require_safe(self.opened_page)(request, reading_id)

    def opened_page(self, request: HttpRequest, reading_id: UUID) -> HttpResponse:
        try:
            reading = open_reading(actor=actor_of(request), reading_id=reading_id)
        except NotFound as error:
            raise Http404 from error
        context = {"reading": reading, "said": said_in(reading)}
        return self.page(request, "admin/disclosure/conversation.html", f"A conversation of {reading.owner}", context)

    def page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        rules = {
            "min_chars": MIN_REASON_CHARS,
            "max_chars": MAX_REASON_CHARS,
            "minutes": int(OPEN_FOR.total_seconds() // 60),
            "list_url": reverse("admin:governance_reading_changelist"),
        }
        return TemplateResponse(request, template, frame | rules | context)


def opened_by(request: HttpRequest, given: dict[str, str]) -> Reading:
    """Raises what opening raises, and NotFound when nothing was chosen."""
    actor, reason = actor_of(request), given["reason"]
    if conversation_id := uuid_in(given["conversation"]):
        return open_conversation(actor=actor, conversation_id=conversation_id, reason=reason)
    if request_id := answer_in(given):
        return open_answer(actor=actor, request_id=request_id, reason=reason)
    raise NotFound("Choose a conversation.")


def answer_in(given: dict[str, str]) -> UUID | None:
    """Raises NotFound when what was sent is no answer's number."""
    if not (given["request_id"] or given["found"]):
        return None
    with suppress(Unreadable):
        if request_id := uuid_in(given["request_id"] or unseal(given["found"])):
            return request_id
    raise NotFound("This is not a request id: it looks like 3f0c2a52-8d0f-4c7e-9c4b-0a3d1f6f5b7e.")


def choices(request: HttpRequest, given: dict[str, str]) -> dict[str, Any]:
    """What there is to open, from what was typed so far. Raises NotFound."""
    if request_id := answer_in(given):
        conversation_with(actor=actor_of(request), request_id=request_id)
        return {"answer": request_id}
    if given["person"]:
        owner = person(given["person"])
        return {"owner": owner, "conversations": conversations_of(actor=actor_of(request), owner=owner)}
    return {}
