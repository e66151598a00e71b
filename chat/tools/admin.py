"""Tools in the console: the connectors, who may use what, and each use on record. For superusers only."""

import asyncio
import json
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from askacme.lib.errors import InvalidArguments
from askacme.lib.per_loop import close_all
from chat.tools.arguments import defaults_of, parse
from chat.tools.forms import ConnectorForm, TryForm
from chat.tools.models import BuiltInTool, Connector, ToolUse
from chat.tools.registry import tool_of
from chat.tools.services import Outcome, look_up
from chat.tools.values import Person
from governance.access.console import AuditedAdmin, ReadOnlyAdmin, SuperusersOnly, actor_of, display
from governance.audit.services import record
from governance.disclosure.services import is_opened

WORDS = ("sent", "said", "outcome")
STATES = {
    "proposed": "info",
    "running": "info",
    "done": "success",
    "declined": "warning",
    "failed": "danger",
    "expired": "warning",
}


@admin.register(Connector)
class ConnectorAdmin(SuperusersOnly[Connector], AuditedAdmin[Connector]):
    audit_as = "connector"
    form = ConnectorForm
    list_display = ["title_and_name", "system", "kind", "who", "state"]
    list_filter = ["is_active", "changes_something", "system"]
    list_fullwidth = True
    show_full_result_count = False
    search_fields = ["title", "name", "system"]
    autocomplete_fields = ["groups"]
    conditional_fields = {"auth_header": "auth == 'header'", "new_secret": "auth != 'none'"}
    change_form_outer_after_template = "admin/tools/try_link.html"
    fieldsets = [
        (None, {"fields": ["title", "name", "system", "description", "is_active", "changes_something"]}),
        ("Who may use it", {"fields": ["for_everyone", "groups"]}),
        ("The call", {"fields": ["method", "url", "arguments", "timeout_s"]}),
        ("Sign-in", {"fields": ["auth", "auth_header", "new_secret"]}),
        ("Without a language model", {"fields": ["answer_template", "example_questions"]}),
    ]

    def audit_target(self, obj: Connector) -> str:
        return obj.name

    @display(description="tool", header=True, ordering="title")
    def title_and_name(self, connector: Connector) -> list[str]:
        return [connector.title, connector.name]

    @display(description="what", label={"looks up": "info", "changes something": "warning"})
    def kind(self, connector: Connector) -> str:
        return "changes something" if connector.changes_something else "looks up"

    @display(description="who")
    def who(self, connector: Connector) -> str:
        if connector.for_everyone:
            return "everyone"
        return ", ".join(group.name for group in connector.groups.all()) or "nobody"

    @display(description="state", label={"on": "success", "off": "warning"})
    def state(self, connector: Connector) -> str:
        return "on" if connector.is_active else "off"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    # Trying it

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.try_page)
        return [path("<int:connector_id>/try/", page, name="chat_connector_try"), *super().get_urls()]

    def try_page(self, request: HttpRequest, connector_id: int) -> HttpResponse:
        """The connector called as the superuser who looks at it: what it really says, before anybody else asks it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        connector = get_object_or_404(Connector, pk=connector_id)
        initial = json.dumps(defaults_of(connector.arguments), indent=2)
        form = TryForm(request.POST or None, initial={"arguments": initial})
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Try “{connector.title}”",
            "opts": self.opts,
            "connector": connector,
            "form": form,
        }
        if request.method == "POST" and form.is_valid():
            context |= self._tried(request, connector, form)
        return TemplateResponse(request, "admin/tools/try.html", context)

    def _tried(self, request: HttpRequest, connector: Connector, form: TryForm) -> dict[str, Any]:
        actor = actor_of(request)
        try:
            arguments = parse(form.cleaned_data["arguments"])
        except InvalidArguments as error:
            return {"problem": str(error)}
        record(actor=actor, action="connector.try", target=connector.name)
        outcome = asyncio.run(called(connector, arguments, Person.of(actor)))
        return {"use": outcome.use, "problem": outcome.use.error}


async def called(connector: Connector, arguments: dict[str, Any], person: Person) -> Outcome:
    try:
        return await look_up(tool=tool_of(connector), arguments=arguments, person=person, request_id=uuid4())
    finally:
        await close_all()


@admin.register(BuiltInTool)
class BuiltInToolAdmin(SuperusersOnly[BuiltInTool], AuditedAdmin[BuiltInTool]):
    """Restrictions: a built-in tool without a row here is for everyone."""

    audit_as = "built_in_tool"
    list_display = ["name", "for_everyone", "is_active"]
    autocomplete_fields = ["groups"]
    fields = ["name", "is_active", "for_everyone", "groups"]


@admin.register(ToolUse)
class ToolUseAdmin(SuperusersOnly[ToolUse], ReadOnlyAdmin[ToolUse]):
    list_display = ["created_at", "title_and_system", "user", "status", "seconds", "error"]
    list_filter = ["state", "changes_something", "tool"]
    list_select_related = ["user"]
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["=request_id", "user__email", "tool"]
    search_help_text = "Tool, person's e-mail or request id"
    date_hierarchy = "created_at"
    fields = [
        *("created_at", "title_and_system", "tool", "user", "status", "request_id"),
        *("sent", "said", "outcome", "error", "started_at", "finished_at", "seconds"),
    ]

    def get_fields(self, request: HttpRequest, obj: ToolUse | None = None) -> Any:
        """What was sent and said is part of a conversation: it takes break-glass."""
        if obj is None or is_opened(reader=actor_of(request), request_id=obj.request_id):
            return self.fields
        return [name for name in self.fields if name not in WORDS] + ["why_no_words"]

    @display(description="words")
    def why_no_words(self, use: ToolUse) -> SafeString:
        address = f"{reverse('admin:governance_reading_open')}?request_id={use.request_id}"
        text = (
            '<a class="console-link" href="{}">Read the conversation</a>: with a reason, which its owner reads as well.'
        )
        return format_html("What was sent and answered is private. " + text, address)

    @display(description="tool", header=True, ordering="title")
    def title_and_system(self, use: ToolUse) -> list[str]:
        return [use.title, use.system]

    @display(description="state", ordering="state", label=STATES)
    def status(self, use: ToolUse) -> str:
        return use.state

    @display(description="time")
    def seconds(self, use: ToolUse) -> str:
        return "–" if use.latency_ms is None else f"{use.latency_ms / 1000:.2f} s"

    @display(description="arguments")
    def sent(self, use: ToolUse) -> SafeString:
        return format_html('<pre class="console-pre">{}</pre>', json.dumps(use.arguments, indent=2, ensure_ascii=False))

    @display(description="result")
    def said(self, use: ToolUse) -> SafeString:
        return format_html('<pre class="console-pre">{}</pre>', use.result)
