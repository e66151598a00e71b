"""Policies in the console: edit a draft, try it on last week's questions, make it live."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from askacme.lib.errors import AskAcmeError
from governance.access.console import AuditedAdmin, TabularInline, actor_of, display
from governance.guardrails.policies import services
from governance.guardrails.policies.forms import DraftForm, RuleForm
from governance.guardrails.policies.models import GuardPolicy, GuardRule
from governance.guardrails.policies.shown import shown
from governance.guardrails.policies.things import title_of
from governance.guardrails.policy import DEFAULT

STATES = {"draft": "warning", "live": "success", "retired": "info"}


class RuleInline(TabularInline[GuardRule, GuardPolicy]):
    """The rules about one matter: which are there, AskAcme says; what they do, the draft."""

    about = GuardRule.About.QUESTION
    model = GuardRule
    form = RuleForm
    fields = ["what", "action"]
    readonly_fields = ["what"]
    extra = max_num = 0
    hide_title = True
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[GuardRule]:
        return super().get_queryset(request).filter(about=self.about)

    @display(description="what")
    def what(self, rule: GuardRule) -> SafeString:
        return format_html('<span id="{}-{}">{}</span>', rule.about, rule.name, title_of(rule.about, rule.name))

    def has_view_permission(self, request: HttpRequest, obj: GuardPolicy | None = None) -> bool:
        return request.user.has_perm("governance.view_guardpolicy")

    def has_change_permission(self, request: HttpRequest, obj: GuardPolicy | None = None) -> bool:
        return request.user.has_perm("governance.change_guardpolicy") and (obj is None or obj.is_draft)

    def has_add_permission(self, request: HttpRequest, obj: GuardPolicy | None = None) -> bool:
        return False


class QuestionRules(RuleInline):
    verbose_name_plural = "Questions: what the guards find, and from which score on they act"
    fields = ["what", "action", "threshold"]


class PersonalRules(RuleInline):
    about = GuardRule.About.PERSONAL
    verbose_name_plural = "Personal data in what people write"


class AnswerRules(RuleInline):
    about = GuardRule.About.ANSWER
    verbose_name_plural = "Answers: what the screen looks for while they stream"


class DocumentRules(RuleInline):
    about = GuardRule.About.DOCUMENT
    verbose_name_plural = "Documents: what ingest looks for"


@admin.register(GuardPolicy)
class GuardPolicyAdmin(AuditedAdmin[GuardPolicy]):
    audit_as = "guard_policy"
    list_display = ["version", "whom_shown", "state_shown", "note", "live_at", "created_by"]
    list_display_links = ["version"]
    list_filter = ["state", "group"]
    list_fullwidth = True
    list_select_related = ["group", "created_by"]
    list_before_template = "admin/guardrails/new_version.html"
    change_form_outer_before_template = "admin/guardrails/steps.html"
    show_full_result_count = False
    inlines = [QuestionRules, PersonalRules, AnswerRules, DocumentRules]
    fieldsets = [
        (None, {"fields": ["note"]}),
        ("Personal data", {"fields": ["is_reversible", "hidden", "allowed"]}),
        ("Answers and alerts", {"fields": ["max_answer_chars", ("alert_after", "alert_within_min")]}),
    ]

    @display(description="version", ordering="number")
    def version(self, policy: GuardPolicy) -> str:
        return policy.label

    @display(description="for", ordering="group")
    def whom_shown(self, policy: GuardPolicy) -> str:
        return policy.whom

    @display(description="state", ordering="state", label=STATES)
    def state_shown(self, policy: GuardPolicy) -> str:
        return policy.state

    # What is live or was so is only read; a version begins with its own form.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: GuardPolicy | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: GuardPolicy | None = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.is_draft

    def save_model(self, request: HttpRequest, obj: GuardPolicy, form: Any, change: bool) -> None:  # noqa: FBT001
        drafts = GuardPolicy.objects.filter(pk=obj.pk, state=GuardPolicy.State.DRAFT)
        if not drafts.select_for_update().exists():  # made live since the form was opened
            raise PermissionDenied
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)

    # Pages

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        head = {"form": DraftForm(), "may_draft": self.may_edit(request), "shipped": DEFAULT.version}
        return super().changelist_view(request, {**(extra_context or {}), **head})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        policy = GuardPolicy.objects.select_related("group").filter(pk=object_id).first()
        more = {"steps": shown(policy) if policy else None, "may_edit": self.may_edit(request)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def may_edit(self, request: HttpRequest) -> bool:
        return request.user.has_perm("governance.change_guardpolicy")

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("draft/", guarded(self.draft), name="governance_guardpolicy_draft"),
            path("<int:policy_id>/dry-run/", guarded(self.dry_run), name="governance_guardpolicy_dry_run"),
            path("<int:policy_id>/live/", guarded(self.make_live), name="governance_guardpolicy_live"),
            path("<int:policy_id>/retire/", guarded(self.retire), name="governance_guardpolicy_retire"),
            *super().get_urls(),
        ]

    def draft(self, request: HttpRequest) -> HttpResponse:
        self.refuse_others(request)
        form = DraftForm(request.POST)
        if not form.is_valid():
            self.message_user(request, "Write in a few words what changes, and why.", messages.ERROR)
            return redirect("admin:governance_guardpolicy_changelist")
        like = form.cleaned_data["like"]
        group = like.group if like else form.cleaned_data["group"]
        policy = services.draft(actor=actor_of(request), group=group, note=form.cleaned_data["note"], like=like)
        return redirect("admin:governance_guardpolicy_change", policy.pk)

    def dry_run(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """To be looked at while it runs; a POST starts one."""
        policy = get_object_or_404(GuardPolicy.objects.select_related("group"), pk=policy_id)
        if request.method == "POST":
            self.refuse_others(request)
            return self.done(request, policy, services.start_dry_run, "The dry run has begun.")
        if not self.has_view_permission(request, policy):
            raise PermissionDenied
        context = {"steps": shown(policy), "may_edit": self.may_edit(request)}
        return TemplateResponse(request, "admin/guardrails/steps.html", context)

    def make_live(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        self.refuse_others(request)
        policy = get_object_or_404(GuardPolicy, pk=policy_id)
        return self.done(request, policy, services.make_live, f"{policy} is live: it holds within a second.")

    def retire(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        self.refuse_others(request)
        policy = get_object_or_404(GuardPolicy, pk=policy_id)
        return self.done(request, policy, services.retire, f"{policy} is retired.")

    def refuse_others(self, request: HttpRequest) -> None:
        if request.method != "POST" or not self.may_edit(request):
            raise PermissionDenied

    def done(self, request: HttpRequest, policy: GuardPolicy, act: Callable[..., Any], said: str) -> HttpResponse:
        try:
            act(actor=actor_of(request), policy=policy)
        except AskAcmeError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:governance_guardpolicy_change", policy.pk)
