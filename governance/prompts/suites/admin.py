"""Suites in the console: what they ask, their runs, and the page of a run, live while it goes on."""

from typing import Any

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
from governance.access.console import AuditedAdmin, ReadOnlyAdmin, actor_of, display
from governance.prompts.suites import services
from governance.prompts.suites.forms import CaseForm
from governance.prompts.suites.models import Suite, SuiteCase, SuiteRun
from governance.prompts.suites.shown import COLOURS, run_page
from governance.prompts.versions.models import PromptVersion

KINDS = {"normal": "default", "no_answer": "info", "adversarial": "warning"}
STATES = {"green": "success", "red": "danger", "running": "info", "broke off": "warning"}


def state_of(run: SuiteRun) -> str:
    if run.is_under_way:
        return "running"
    if run.state != SuiteRun.State.DONE:
        return "broke off"
    return "green" if run.is_green else "red"


@admin.register(Suite)
class SuiteAdmin(AuditedAdmin[Suite]):
    audit_as = "suite"
    list_display = ["title", "tested", "cases_shown", "last_run"]
    list_fullwidth = True
    fields = ["title"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suite]:
        in_use = Count("cases", Q(cases__is_active=True))
        return super().get_queryset(request).annotate(in_use=in_use)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Suite | None = None) -> bool:
        return False

    @display(description="tests versions of")
    def tested(self, suite: Suite) -> str:
        return ", ".join(suite.prompts)

    @display(description="cases in use")
    def cases_shown(self, suite: Suite) -> SafeString:
        address = f"{reverse('admin:governance_suitecase_changelist')}?suite__id__exact={suite.pk}"
        return format_html('<a class="console-link" href="{}">{}</a>', address, getattr(suite, "in_use", 0))

    @display(description="last run")
    def last_run(self, suite: Suite) -> SafeString | str:
        run = suite.runs.select_related("version").first()
        if run is None:
            return "–"
        address, words = run.get_absolute_url(), f"{run.version.label}: {state_of(run)}"
        return format_html('<a class="console-link" href="{}">{}</a>', address, words)


@admin.register(SuiteCase)
class SuiteCaseAdmin(AuditedAdmin[SuiteCase]):
    audit_as = "suite_case"
    form = CaseForm
    list_display = ["question_and_key", "kind_shown", "expected", "origin", "is_active"]
    list_filter = ["suite", "kind", "source", "is_active"]
    list_fullwidth = True
    list_per_page = 100
    list_select_related = ["suite", "created_by"]
    search_fields = ["question", "key"]
    show_full_result_count = False
    actions = None
    fieldsets = [
        (None, {"fields": ["suite", "key", "question", ("kind", "is_active")]}),
        (
            "What the answer shows",
            {"fields": ["must_contain", "must_not_contain", ("must_cite", "max_words"), "cites"]},
        ),
        ("Where it is asked", {"fields": ["history", "passages"]}),
        (
            "More",
            {"fields": ["statuses", "rubric", ("floor", "times"), "json_schema", "tags"], "classes": ["collapse"]},
        ),
    ]

    @display(description="question", header=True)
    def question_and_key(self, case: SuiteCase) -> list[str]:
        return [case.question if len(case.question) < 120 else f"{case.question[:119]}…", case.key]

    @display(description="kind", ordering="kind", label=KINDS)
    def kind_shown(self, case: SuiteCase) -> tuple[str, str]:
        return case.kind, case.get_kind_display()

    @display(description="expects")
    def expected(self, case: SuiteCase) -> str:
        spec = case.spec
        wanted = [" or ".join(group) for group in spec.must_contain]
        wanted += ["a source"] if spec.must_cite or spec.cites else []
        return ", ".join(wanted) or " or ".join(sorted(spec.expected_statuses))

    @display(description="from", ordering="source")
    def origin(self, case: SuiteCase) -> str:
        return case.get_source_display() if case.source != "person" else str(case.created_by or "somebody who is gone")

    def has_delete_permission(self, request: HttpRequest, obj: SuiteCase | None = None) -> bool:
        """It is put out of use instead: the record of what was asked stays."""
        return False

    def save_model(self, request: HttpRequest, obj: SuiteCase, form: Any, change: bool) -> None:  # noqa: FBT001
        if not change:
            obj.created_by = actor_of(request)
        super().save_model(request, obj, form, change)


@admin.register(SuiteRun)
class SuiteRunAdmin(ReadOnlyAdmin[SuiteRun]):
    list_display = ["what", "state_shown", "counts", "started_at", "started_by"]
    list_filter = ["suite", "state", "version__prompt"]
    list_fullwidth = True
    list_per_page = 50
    list_select_related = ["suite", "version", "started_by"]
    show_full_result_count = False
    actions = None

    @display(description="version", header=True)
    def what(self, run: SuiteRun) -> list[str]:
        return [run.version.label, run.suite.title]

    @display(description="result", label=STATES)
    def state_shown(self, run: SuiteRun) -> str:
        return state_of(run)

    @display(description="cases")
    def counts(self, run: SuiteRun) -> str:
        more = f", {run.not_judged} not judged" if run.not_judged else ""
        return f"{run.passed} of {run.total} passed{more}"

    # Pages

    def get_urls(self) -> list[URLPattern]:
        signed_in = self.admin_site.admin_view
        start, override = signed_in(require_POST(self.start)), signed_in(require_POST(self.override))
        return [
            path("start/<int:suite_id>/<int:version_id>/", start, name="governance_suiterun_start"),
            path("override/<int:suite_id>/<int:version_id>/", override, name="governance_suiterun_override"),
            path("<int:run_id>/live/", signed_in(self.live), name="governance_suiterun_live"),
            path("<int:run_id>/case/<slug:key>/", signed_in(self.case), name="governance_suiterun_case"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_more: Any) -> HttpResponse:
        run = self.run_or_404(request, object_id)
        context = {"title": f"{run.suite} with {run.version.label}", **self.seen(request, run)}
        return self.page(request, "admin/prompts/run.html", context)

    def live(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The run as it stands, for the page to look again while it goes on."""
        return render(request, "admin/prompts/run_live.html", self.seen(request, self.run_or_404(request, run_id)))

    def case(self, request: HttpRequest, run_id: int, key: str) -> HttpResponse:
        """One case: each of its answers, all checks, and the whole trace."""
        run = self.run_or_404(request, run_id)
        result = get_object_or_404(run.results, key=key)
        row = next(row for row in run_page(run).rows if row.result.pk == result.pk)
        known = run.suite.cases.filter(key=key).first()
        context = {"title": result.key, "run": run, "row": row, "known": known, "state_label": COLOURS[result.verdict]}
        return self.page(request, "admin/prompts/case.html", context)

    def start(self, request: HttpRequest, suite_id: int, version_id: int) -> HttpResponse:
        suite, version = get_object_or_404(Suite, pk=suite_id), get_object_or_404(PromptVersion, pk=version_id)
        try:
            run = services.start_run(suite=suite, version=version, actor=actor_of(request))
        except AskAcmeError as error:
            return self.refused(request, error, version)
        return redirect(run)

    def override(self, request: HttpRequest, suite_id: int, version_id: int) -> HttpResponse:
        suite, version = get_object_or_404(Suite, pk=suite_id), get_object_or_404(PromptVersion, pk=version_id)
        try:
            reason = request.POST.get("reason", "")
            services.override(version=version, suite=suite, reason=reason, actor=actor_of(request))
        except AskAcmeError as error:
            return self.refused(request, error, version)
        self.message_user(request, "Kept with your reason. Somebody else may approve it now.", messages.SUCCESS)
        return redirect(version)

    def refused(self, request: HttpRequest, error: AskAcmeError, version: PromptVersion) -> HttpResponse:
        if error.http_status == 403:
            raise PermissionDenied from error
        self.message_user(request, str(error), messages.ERROR)
        return redirect(version)

    def run_or_404(self, request: HttpRequest, run_id: str | int) -> SuiteRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        runs = SuiteRun.objects.select_related("suite", "version__prompt", "started_by")
        return get_object_or_404(runs, pk=run_id)

    def seen(self, request: HttpRequest, run: SuiteRun) -> dict[str, Any]:
        state = state_of(run)
        may_run = actor_of(request).has_perm(services.RUN)
        return {"page": run_page(run), "state": state, "state_label": STATES[state], "may_run": may_run}

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        head = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**head, **context})
