"""What people say was filtered wrongly, and who attacks again and again, in the console."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from askacme.lib.errors import AskAcmeError, Conflict
from governance.access.console import ReadOnlyAdmin, action, actor_of, display
from governance.audit.services import record
from governance.guardrails.reviews.alerts import acknowledge
from governance.guardrails.reviews.examples import as_examples
from governance.guardrails.reviews.models import AbuseAlert, GuardReview
from governance.guardrails.reviews.services import decide

WAITS = "waits"


@admin.register(GuardReview)
class GuardReviewAdmin(ReadOnlyAdmin[GuardReview]):
    """Without names: whether a question was filtered rightly does not hang on who asked it."""

    list_display = ["created_at", "asked", "guard", "code", "outcome_shown"]
    list_display_links = ["created_at", "asked"]
    list_filter = ["outcome", "guard", "created_at"]
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["question", "comment", "=request_id"]
    fields = ["asked_whole", "comment", "guard", "code", "policy", "request_id", "created_at", "outcome_shown", "note",
              "decided_by", "decided_at"]  # fmt: skip
    change_form_outer_after_template = "admin/guardrails/decide.html"
    actions = ["export_examples"]

    @display(description="question")
    def asked(self, review: GuardReview) -> str:
        return review.question if len(review.question) <= 100 else f"{review.question[:99]}…"

    @display(description="question")
    def asked_whole(self, review: GuardReview) -> SafeString:
        return format_html('<div class="console-words console-as-typed">{}</div>', review.question)

    @display(
        description="outcome", ordering="outcome", label={WAITS: "warning", "upheld": "info", "overturned": "success"}
    )
    def outcome_shown(self, review: GuardReview) -> str:
        return review.outcome or WAITS

    def may_decide(self, request: HttpRequest) -> bool:
        return request.user.has_perm("governance.change_guardreview")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.may_decide(request)

    @admin.action(description="Export as training examples (JSON Lines)", permissions=["export"])
    def export_examples(self, request: HttpRequest, queryset: QuerySet[GuardReview]) -> HttpResponse:
        """Those of the selected that were overturned, each labelled as what it is."""
        lines = as_examples(queryset)
        record(actor=actor_of(request), action="guard_review.export", target=f"{lines.count(chr(10))} examples")
        response = HttpResponse(lines, content_type="application/jsonl; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="overturned.jsonl"'
        return response

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.decide)
        return [path("<int:review_id>/decide/", page, name="governance_guardreview_decide"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        more = {"may_decide": self.may_decide(request)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def decide(self, request: HttpRequest, review_id: int) -> HttpResponse:
        if request.method != "POST" or not self.may_decide(request):
            raise PermissionDenied
        review = get_object_or_404(GuardReview, pk=review_id)
        outcome, note = request.POST.get("outcome", ""), request.POST.get("note", "")
        try:
            decide(actor=actor_of(request), review=review, outcome=outcome, note=note)
        except AskAcmeError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:governance_guardreview_change", review.pk)
        self.message_user(request, "Decided. The person sees it under their answer.", messages.SUCCESS)
        return redirect("admin:governance_guardreview_changelist")


@admin.register(AbuseAlert)
class AbuseAlertAdmin(ReadOnlyAdmin[AbuseAlert]):
    list_display = ["raised_at", "user", "attacks", "reasons", "latest_at", "state"]
    list_filter = [("acknowledged_at", admin.EmptyFieldListFilter), "raised_at"]
    list_fullwidth = True
    list_select_related = ["user", "acknowledged_by"]
    show_full_result_count = False
    search_fields = ["user__email", "user__name"]
    fields = ["user", "raised_at", "attacks", "reasons", "latest_at", "acknowledged_at", "acknowledged_by"]
    actions = ["acknowledge_selected"]
    actions_detail = ["acknowledge_one"]

    @display(description="reasons")
    def reasons(self, alert: AbuseAlert) -> str:
        return ", ".join(alert.codes)

    @display(description="state", label={"open": "danger", "acknowledged": "success"})
    def state(self, alert: AbuseAlert) -> str:
        return "acknowledged" if alert.acknowledged_at else "open"

    def has_acknowledge_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """unfold asks with the number of the row on its page."""
        return request.user.has_perm("governance.change_abusealert")

    @admin.action(description="Acknowledge", permissions=["acknowledge"])
    def acknowledge_selected(self, request: HttpRequest, queryset: QuerySet[AbuseAlert]) -> None:
        count = sum(was_acknowledged(alert, request) for alert in queryset)
        self.message_user(request, f"{count} acknowledged. What these accounts do from now on counts anew.")

    @action(description="Acknowledge", permissions=["acknowledge"], url_path="acknowledge", icon="done")
    def acknowledge_one(self, request: HttpRequest, object_id: int) -> HttpResponse:
        was_acknowledged(get_object_or_404(AbuseAlert, pk=object_id), request)
        return redirect("admin:governance_abusealert_change", object_id)


def was_acknowledged(alert: AbuseAlert, request: HttpRequest) -> bool:
    try:
        acknowledge(actor=actor_of(request), alert=alert)
    except Conflict:
        return False
    return True
