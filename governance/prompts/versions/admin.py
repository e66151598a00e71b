"""Prompts in the console: what is in force, every version, the editor, and the page where a version is reviewed."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from askacme.lib.errors import AskAcmeError
from governance.access.console import ReadOnlyAdmin, actor_of, display
from governance.access.models import User
from governance.prompts.semver import suggest
from governance.prompts.suites.shown import evidence_of
from governance.prompts.versions import services
from governance.prompts.versions.forms import VersionForm, values_of
from governance.prompts.versions.models import Prompt, PromptVersion
from governance.prompts.versions.review import acts_of, review_of, variables_of, weight_of

STATES = {
    "draft": "default",
    "in_review": "info",
    "approved": "warning",
    "released": "success",
    "retired": "default",
}
LIST = "admin:governance_promptversion_changelist"
PAGE = "admin:governance_promptversion_change"

Act = Callable[[PromptVersion, User, HttpRequest], object]
ACTS: dict[str, tuple[Act, str]] = {
    "submit": (lambda v, who, _: services.submit(version=v, actor=who), "{} waits for a review."),
    "withdraw": (lambda v, who, _: services.withdraw(version=v, actor=who), "{} is a draft again."),
    "approve": (
        lambda v, who, q: services.approve(version=v, actor=who, seen=said(q, "seen"), note=said(q, "text")),
        "{} is approved.",
    ),
    "reject": (
        lambda v, who, q: services.reject(version=v, actor=who, reason=said(q, "text")),
        "{} goes back to its author.",
    ),
    "retire": (lambda v, who, _: services.retire(version=v, actor=who), "{} is retired."),
    "comment": (
        lambda v, who, q: services.comment(version=v, actor=who, text=said(q, "text")),
        "Your comment is kept with {}.",
    ),
    "discard": (lambda v, who, _: services.discard(version=v, actor=who), "{} is discarded."),
}
"""What can be posted to a version's page, and what is said when it is done."""


def said(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "")


@admin.register(Prompt)
class PromptAdmin(ReadOnlyAdmin[Prompt]):
    list_display = ["title_and_purpose", "in_force", "in_review", "drafts", "begin"]
    list_fullwidth = True
    list_disable_select_all = True
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prompt]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                review_count=Count("versions", Q(versions__state="in_review")),
                draft_count=Count("versions", Q(versions__state="draft")),
            )
        )

    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_more: Any) -> HttpResponse:
        """A prompt is its versions."""
        return redirect(f"{reverse(LIST)}?{urlencode({'prompt__name__exact': object_id})}")

    @display(description="prompt", header=True)
    def title_and_purpose(self, prompt: Prompt) -> list[str]:
        return [prompt.kind.title, prompt.kind.purpose]

    @display(description="released")
    def in_force(self, prompt: Prompt) -> str | SafeString:
        now = prompt.released
        if now is None:
            return "–"
        return format_html('<a class="console-link" href="{}">{}</a>', now.get_absolute_url(), now.number)

    @display(description="in review")
    def in_review(self, prompt: Prompt) -> int:
        return int(getattr(prompt, "review_count", 0))

    @display(description="drafts")
    def drafts(self, prompt: Prompt) -> int:
        return int(getattr(prompt, "draft_count", 0))

    @display(description="")
    def begin(self, prompt: Prompt) -> SafeString:
        address = f"{reverse('admin:governance_promptversion_add')}?{urlencode({'prompt': prompt.pk})}"
        return format_html('<a class="console-link" href="{}">New draft</a>', address)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = list(super().get_list_display(request))
        return shown if actor_of(request).has_perm(services.WRITE) else shown[:-1]


@admin.register(PromptVersion)
class PromptVersionAdmin(ReadOnlyAdmin[PromptVersion]):
    """Django's own forms never touch a version: each page here ends in a service."""

    list_display = ["label_and_note", "status", "who", "approver", "created_at"]
    list_filter = ["prompt", "state"]
    list_select_related = ["author", "approved_by"]
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["text", "change_note", "author__email"]
    search_help_text = "Words of the text or the change note, or the author's e-mail"
    actions = None

    @display(description="version", header=True)
    def label_and_note(self, version: PromptVersion) -> list[str]:
        return [version.label, version.change_note]

    @display(description="state", ordering="state", label=STATES)
    def status(self, version: PromptVersion) -> tuple[str, str]:
        return version.state, version.get_state_display()

    @display(description="written by")
    def who(self, version: PromptVersion) -> str:
        return name_of(version, version.author)

    @display(description="approved by")
    def approver(self, version: PromptVersion) -> str:
        return name_of(version, version.approved_by) if version.approved_at else "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).has_perm(services.WRITE)

    # Pages

    def get_urls(self) -> list[URLPattern]:
        signed_in = self.admin_site.admin_view
        live, act = signed_in(require_POST(self.live)), signed_in(require_POST(self.act))
        return [
            path("live/<str:name>/", live, name="governance_promptversion_live"),
            path("<int:version_id>/edit/", signed_in(self.edit), name="governance_promptversion_edit"),
            path("<int:version_id>/do/<str:act>/", act, name="governance_promptversion_act"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_more: Any) -> HttpResponse:
        """The review: also of a version that is only looked at."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = get_object_or_404(self.versions(), pk=object_id)
        context = {
            "title": version.label,
            "review": review_of(version),
            "acts": acts_of(version, actor_of(request)),
            "evidence": evidence_of(version, actor_of(request)),
            "state_label": STATES[version.state],
            "comments": version.comments.select_related("author"),
            "author": name_of(version, version.author),
            "approver": name_of(version, version.approved_by),
        }
        return self.page(request, "admin/prompts/review.html", context)

    def act(self, request: HttpRequest, version_id: int, act: str) -> HttpResponse:
        """One step of a version's life; who may do it is the service's to say."""
        if act not in ACTS or not self.has_view_permission(request):
            raise PermissionDenied
        version = get_object_or_404(self.versions(), pk=version_id)
        step, done = ACTS[act]
        try:
            step(version, actor_of(request), request)
        except AskAcmeError as error:
            if error.http_status == 403:
                raise PermissionDenied from error
            self.message_user(request, str(error), messages.ERROR)
            return redirect(PAGE, version_id)
        self.message_user(request, done.format(version.label), messages.SUCCESS)
        return redirect(LIST) if act == "discard" else redirect(PAGE, version_id)

    def add_view(self, request: HttpRequest, *_args: Any, **_more: Any) -> HttpResponse:
        """A new draft of `?prompt=`, which begins with the version `?from=`, or with the released one."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        prompt = Prompt.objects.filter(pk=request.GET.get("prompt", "")).first()
        if prompt is None:
            self.message_user(request, "Choose a prompt to write a draft of.", messages.INFO)
            return redirect("admin:governance_prompt_changelist")
        chosen = request.GET.get("from", "")
        source = prompt.versions.filter(pk=chosen).first() if chosen.isdecimal() else prompt.released
        return self.editor(request, prompt, initial=values_of(source) if source else {"tier": prompt.kind.tier})

    def edit(self, request: HttpRequest, version_id: int) -> HttpResponse:
        version = get_object_or_404(self.versions(), pk=version_id)
        if "edit" not in acts_of(version, actor_of(request)):
            raise PermissionDenied
        fixed = {"change_note": version.change_note, "level_reason": version.level_reason, "seen": version.sha256}
        level = version.level if version.level_reason else ""
        return self.editor(
            request, version.prompt, initial={**values_of(version), **fixed, "level": level}, version=version
        )

    def editor(
        self, request: HttpRequest, prompt: Prompt, *, initial: dict[str, Any], version: PromptVersion | None = None
    ) -> HttpResponse:
        form = VersionForm(request.POST or None, kind=prompt.kind, initial=initial)
        if form.is_valid():
            try:
                kept = keep(form, prompt, version, actor_of(request))
            except AskAcmeError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, f"{kept.label} is kept as a draft.", messages.SUCCESS)
                return redirect(PAGE, kept.pk)
        context = {
            "title": f"Edit {version.label}" if version else f"New draft: {prompt.kind.title}",
            "form": form,
            "prompt": prompt,
            "version": version,
            "back": reverse(PAGE, args=[version.pk]) if version else reverse("admin:governance_prompt_changelist"),
            **self.seen_live(prompt, VersionForm(request.POST or initial, kind=prompt.kind)),
        }
        return self.page(request, "admin/prompts/editor.html", context)

    def live(self, request: HttpRequest, name: str) -> HttpResponse:
        """What the text at hand is worth, while it is written."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        prompt = get_object_or_404(Prompt, pk=name)
        form = VersionForm(request.POST, kind=prompt.kind)
        return render(request, "admin/prompts/live.html", self.seen_live(prompt, form))

    def seen_live(self, prompt: Prompt, form: VersionForm) -> dict[str, Any]:
        form.fields["change_note"].required = False  # its time comes when the draft is saved
        now = prompt.released
        if not form.is_valid() or form.content is None:
            wrong = [
                text
                for name in ("text", "tier", "temperature", "max_output_tokens")
                for text in form.errors.get(name, [])
            ]
            return {"problems": wrong, "variables": variables_of(prompt.kind, ())}
        return {
            "variables": variables_of(prompt.kind, prompt.kind.names_in(form.content.text)),
            "weight": weight_of(form.content, now.content if now else None),
            "suggestion": suggest(now.content, form.content) if now else None,
            "is_same": now is not None and now.sha256 == form.content.sha256,
            "released": now,
        }

    def versions(self) -> QuerySet[PromptVersion]:
        return PromptVersion.objects.select_related("prompt", "author", "approved_by")

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


def keep(form: VersionForm, prompt: Prompt, version: PromptVersion | None, actor: User) -> PromptVersion:
    assert form.content is not None  # noqa: S101  (narrows the type: a valid form has it)
    given = {
        "content": form.content,
        "change_note": form.cleaned_data["change_note"],
        "level": form.level_chosen,
        "level_reason": form.cleaned_data["level_reason"],
        "actor": actor,
    }
    if version is None:
        return services.draft(prompt=prompt, **given)
    return services.edit_draft(version=version, seen=form.cleaned_data["seen"], **given)


def name_of(version: PromptVersion, person: User | None) -> str:
    """Who wrote or approved it; what ships with AskAcme has nobody's name."""
    if person:
        return str(person)
    is_shipped = version.author_id is None and version.approved_by_id is None and version.submitted_at is None
    return "AskAcme" if is_shipped else "somebody who is gone"
