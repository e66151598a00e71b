"""The console's page on which a person says that a document was looked through and still holds."""

from datetime import date, timedelta

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from governance.access.console import actor_of
from knowledge.documents.forms import ReviewForm
from knowledge.documents.models import Document
from knowledge.documents.services import mark_reviewed
from knowledge.documents.standing import as_words
from knowledge.documents.upload_pages import page

USUAL_INTERVAL = timedelta(days=365)


def review_page(request: HttpRequest, console: ModelAdmin[Document], document: Document | None) -> HttpResponse:
    if not console.has_change_permission(request):
        raise PermissionDenied
    if document is None:
        raise Http404
    today = timezone.localdate()
    form = ReviewForm(request.POST or None, initial={"next_review": today + USUAL_INTERVAL})
    if request.method == "POST" and form.is_valid():
        next_review: date = form.cleaned_data["next_review"]
        mark_reviewed(document=document, next_review=next_review, actor=actor_of(request))
        messages.success(request, f"Reviewed. The next review is due on {as_words(next_review)}.")
        return redirect("admin:knowledge_document_change", document.pk)
    return page(
        request,
        console,
        "admin/documents/reviewed.html",
        title="Reviewed",
        opts=console.opts,
        original=document,
        form=form,
    )
