"""
What people thought of answers, in the console.

Whoever may see this reads other people's questions, but only those that they rated, as the thumbs say; without names,
and without answers from documents that the reader may not see.
"""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from askacme.lib.errors import AskAcmeError
from chat.conversations.branches import turns_up_to
from chat.conversations.disclosed import Disclosed, disclosed_to
from chat.conversations.models import Citation, Message
from governance.access.console import ReadOnlyAdmin, actor_of, display
from governance.feedback.models import Feedback
from governance.gateway.routing.models import Department
from governance.guardrails.pii.shown import readable
from governance.prompts.suites.services import CHANGE_CASE, case_from_answer

GONE = "This conversation was deleted."
NO_ANSWER = "AskAcme found no answer to this."
WITHHELD = "This answer is not shown: it rests on something that is not open to you, or is gone."


class DepartmentFilter(admin.SimpleListFilter):
    title = "department"
    parameter_name = "department"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return Department.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        if not self.value():
            return queryset
        return queryset.filter(request_id__in=Message.objects.filter(department=self.value()).values("pk"))


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin[Feedback]):
    list_display = ["rated_at", "thumb", "reason_shown", "asked", "comment_start", "department_shown"]
    list_display_links = ["rated_at", "asked"]
    list_filter = ["rating", "reason", DepartmentFilter, "updated_at"]
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["comment", "=request_id"]
    search_help_text = "Words of a comment, or a request id"
    date_hierarchy = "updated_at"
    change_form_outer_before_template = "admin/prompts/make_case.html"
    fields = ["thumb", "reason_shown", "comment", "rated_at", "department_shown", "asked_whole", "answered", "sources"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        rated = Message.objects.filter(pk=OuterRef("request_id"))
        return (
            super()
            .get_queryset(request)
            .annotate(question=Subquery(rated.values("question")), department=Subquery(rated.values("department")))
        )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what is offered: by others the list would tell who rated, name by name."""
        return lookup.split("__", 1)[0] in {"rating", "reason", "department", "updated_at"}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Feedback | None:
        """The row, with its answer as this reader may see it."""
        feedback = super().get_object(request, object_id, from_field)
        if feedback:
            message = Message.objects.filter(pk=feedback.request_id).first()
            path = turns_up_to(message) if message else []  # what came before it decides what it may say
            vars(feedback)["rated"] = disclosed_to(actor_of(request), path)[-1] if path else None
        return feedback

    # A bad answer becomes a case of a regression suite

    def get_urls(self) -> list[URLPattern]:
        make_case = self.admin_site.admin_view(require_POST(self.make_case))
        return [path("<int:feedback_id>/case/", make_case, name="governance_feedback_case"), *super().get_urls()]

    def make_case(self, request: HttpRequest, feedback_id: int) -> HttpResponse:
        """In one click; to say what a right answer holds comes next."""
        feedback = self.get_object(request, str(feedback_id))
        if feedback is None or not self.has_view_permission(request, feedback):
            raise PermissionDenied
        asked: Message | None = Message.objects.filter(pk=feedback.request_id).first()
        question = readable(asked.standalone or asked.question) if asked else ""
        try:
            case = case_from_answer(
                request_id=str(feedback.request_id),
                question=question,
                reason=feedback.reason,
                actor=actor_of(request),
            )
        except AskAcmeError as error:
            if error.http_status == 403:
                raise PermissionDenied from error
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:governance_feedback_change", feedback_id)
        if not actor_of(request).has_perm(CHANGE_CASE):
            said = f"The case {case} is kept. Somebody who approves prompts says what a right answer holds."
            self.message_user(request, said, messages.SUCCESS)
            return redirect("admin:governance_feedback_change", feedback_id)
        said = "The case is kept. Say what a right answer holds, then put it in use."
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:governance_suitecase_change", case.pk)

    @display(description="when", ordering="updated_at")
    def rated_at(self, feedback: Feedback) -> str:
        return date_format(timezone.localtime(feedback.updated_at), "DATETIME_FORMAT")

    @display(description="rating", ordering="rating", label={"Helpful": "success", "Not helpful": "danger"})
    def thumb(self, feedback: Feedback) -> str:
        return feedback.get_rating_display()

    @display(description="reason", ordering="reason")
    def reason_shown(self, feedback: Feedback) -> str:
        return str(feedback.get_reason_display()) or "–"

    @display(description="question")
    def asked(self, feedback: Feedback) -> str:
        return shortened(readable(getattr(feedback, "question", None) or GONE))

    @display(description="comment")
    def comment_start(self, feedback: Feedback) -> str:
        return shortened(readable(feedback.comment)) or "–"

    @display(description="department")
    def department_shown(self, feedback: Feedback) -> str:
        name = getattr(feedback, "department", None)
        return Department(name).label if name in Department.values else "–"

    @display(description="question")
    def asked_whole(self, feedback: Feedback) -> SafeString:
        question = readable(getattr(feedback, "question", None) or GONE)
        return format_html('<div class="console-words console-as-typed">{}</div>', question)

    @display(description="answer")
    def answered(self, feedback: Feedback) -> SafeString | str:
        rated = rated_of(feedback)
        if rated is None:
            return GONE
        if not rated.is_shown:
            return WITHHELD if rated.is_withheld else NO_ANSWER
        return format_html('<div class="console-words">{}</div>', rated.answer)

    @display(description="sources")
    def sources(self, feedback: Feedback) -> SafeString:
        rated = rated_of(feedback)
        cited = rated.citations if rated and rated.is_shown else []
        links = [(citation.n, address_of(citation), citation.version.document.title) for citation in cited]
        lines = format_html_join(SafeString("<br>"), '[{}] <a href="{}">{}</a>', links)
        return format_html('<div class="console-words">{}</div>', lines or "–")


def rated_of(feedback: Feedback) -> Disclosed | None:
    rated: Disclosed | None = getattr(feedback, "rated", None)
    return rated


def address_of(citation: Citation) -> str:
    page = reverse("document", args=[citation.version_id])
    return f"{page}?start={citation.start}&end={citation.end}#passage"


def shortened(text: str, most: int = 90) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
