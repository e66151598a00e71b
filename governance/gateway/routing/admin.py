"""The router in the console: its examples, its rules, what it saves, and a place to try it."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from askacme.lib.errors import AskAcmeError
from governance.access.console import AuditedAdmin, action, actor_of, display
from governance.gateway.routing.forms import ImportForm
from governance.gateway.routing.models import Department, Kind, RoutingExample, RoutingRule, TrainedRouter
from governance.gateway.routing.savings import saved
from governance.gateway.routing.services import import_examples, route

DAYS = 30
TRIED = "try"
"""The address's parameter that holds the question to try."""


@admin.register(RoutingExample)
class RoutingExampleAdmin(AuditedAdmin[RoutingExample]):
    audit_as = "routing_example"
    list_display = ["text", "kind_shown", "department_shown", "origin", "updated_at"]
    list_filter = ["kind", "department", "is_shipped"]
    list_fullwidth = True
    list_per_page = 50
    list_select_related = ["created_by"]
    list_before_template = "admin/routing/examples_note.html"
    search_fields = ["text"]
    show_full_result_count = False
    fields = ["text", ("kind", "department")]
    actions_list = ["import_lines"]

    @display(description="kind", ordering="kind", label=dict.fromkeys(Kind.values, "info"))
    def kind_shown(self, example: RoutingExample) -> tuple[str, str]:
        return example.kind, example.get_kind_display()

    @display(description="department", ordering="department")
    def department_shown(self, example: RoutingExample) -> str:
        return example.get_department_display()

    @display(description="from", ordering="is_shipped")
    def origin(self, example: RoutingExample) -> str:
        return "AskAcme" if example.is_shipped else str(example.created_by or "somebody who is gone")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        learned = TrainedRouter.objects.order_by("trained_at").last()
        return super().changelist_view(request, {**(extra_context or {}), "learned": learned})

    def save_model(self, request: HttpRequest, obj: RoutingExample, form: Any, change: bool) -> None:  # noqa: FBT001
        if not change:
            obj.created_by = actor_of(request)
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        lines = self.admin_site.admin_view(self.import_page)
        return [path("import/", lines, name="governance_routingexample_import"), *super().get_urls()]

    @action(description="Paste lines", permissions=["add"], url_path="paste", icon="content_paste")
    def import_lines(self, _request: HttpRequest) -> HttpResponse:
        return redirect("admin:governance_routingexample_import")

    def import_page(self, request: HttpRequest) -> HttpResponse:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        form = ImportForm(request.POST or None)
        if form.is_valid():
            try:
                done = import_examples(text=form.cleaned_data["text"], actor=actor_of(request))
            except AskAcmeError as error:
                form.add_error("text", str(error))
            else:
                said = f"{done.added} added, {done.changed} changed, {done.same} were there already."
                self.message_user(request, said, messages.SUCCESS)
                return redirect("admin:governance_routingexample_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": "Paste routing examples",
            "opts": self.opts,
            "form": form,
            "kinds": Kind.values,
            "departments": Department.values,
        }
        return TemplateResponse(request, "admin/routing/import.html", context)


@admin.register(RoutingRule)
class RoutingRuleAdmin(AuditedAdmin[RoutingRule]):
    audit_as = "routing_rule"
    list_display = ["position", "when_shown", "tier_shown", "is_active", "note"]
    list_display_links = ["when_shown"]
    list_filter = ["tier", "is_active"]
    list_fullwidth = True
    list_select_related = ["group"]
    list_before_template = "admin/routing/rules_head.html"
    autocomplete_fields = ["group"]
    fieldsets = [
        ("When a question is", {"fields": [("kind", "department"), "group"]}),
        ("It is answered by", {"fields": ["tier", "position", "is_active", "note"]}),
    ]

    @display(description="when")
    def when_shown(self, rule: RoutingRule) -> str:
        return rule.when

    @display(description="tier", ordering="tier", label={"fast": "success", "strong": "warning"})
    def tier_shown(self, rule: RoutingRule) -> str:
        return rule.tier

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The question to try is taken out of the address: the list would read it as a filter that it doesn't know."""
        given = request.GET.copy()
        question = given.pop(TRIED, [""])[-1].replace("\x00", "").strip()[:5000]
        request.GET = given  # type: ignore[assignment]  # Django's types want it frozen, the list only reads it
        now = timezone.now()
        head = {
            "days": DAYS,
            "savings": saved(now - timedelta(days=DAYS), now),
            "learned": TrainedRouter.objects.order_by("trained_at").last(),
            "question": question,
            **(self.tried(request, question) if question and self.has_view_permission(request) else {}),
        }
        return super().changelist_view(request, {**(extra_context or {}), **head})

    def tried(self, request: HttpRequest, question: str) -> dict[str, Any]:
        """Where the question would go if the person at the console asked it."""
        groups = actor_of(request).groups.values_list("pk", flat=True)
        try:
            found = route(question=question, caller_group_ids=groups, forced_strong=False, degraded=False)
        except AskAcmeError as error:
            return {"problem": str(error)}
        return {"route": found, "kind": Kind(found.kind).label, "department": Department(found.department).label}
