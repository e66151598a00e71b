"""The console's page that says who can see a document, and why."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from knowledge.audience.viewers import administrators_outside, people_who_see, viewer
from knowledge.documents.models import Document

PER_PAGE = 50


def viewers_page(request: HttpRequest, console: ModelAdmin[Document], document: Document | None) -> HttpResponse:
    """People in the audience with their reasons, paged and searchable; then those who only administer."""
    if not console.has_view_permission(request):
        raise PermissionDenied
    if document is None:
        raise Http404
    search = request.GET.get("q", "").replace("\x00", "").strip()
    pages = Paginator(people_who_see(document, search=search), PER_PAGE)
    people = pages.get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        **console.admin_site.each_context(request),
        "title": "Who can see this",
        "opts": console.opts,
        "original": document,
        "people": people,
        "viewers": [viewer(user, document) for user in people],
        "outside": list(administrators_outside(document)),
        "search": search,
    }
    return TemplateResponse(request, "admin/audience/viewers.html", context)
