"""The console's page that asks before an earlier version is used again."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from askacme.lib.errors import AskAcmeError
from governance.access.console import actor_of
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.versions import roll_back


def may_be_used(version: DocumentVersion) -> bool:
    """Whether the version is one to go back to. Quarantine is told of when somebody tries."""
    return version.state == DocumentVersion.State.READY and version.document.current_id != version.pk


def rollback_page(request: HttpRequest, version_id: int, console: ModelAdmin[Document]) -> HttpResponse:
    """The question; a POST does it, unless another version came into use since the question was asked."""
    if not console.has_change_permission(request):
        raise PermissionDenied
    version = get_object_or_404(DocumentVersion.objects.select_related("document__current"), pk=version_id)
    document, error = version.document, None
    if request.method == "POST":
        seen = request.POST.get("instead_of", "")
        try:
            is_done = roll_back(
                version=version, instead_of=int(seen) if seen.isdecimal() else None, actor=actor_of(request)
            )
        except AskAcmeError as problem:
            error = problem
        else:
            done = f"Version {version.number} is in use."
            queued = f"Version {version.number} is being prepared. Until it is ready, the present one answers."
            messages.success(request, done if is_done else queued)
            return redirect("admin:knowledge_document_change", document.pk)
    context = {
        **console.admin_site.each_context(request),
        "title": "Use this version again",
        "opts": console.opts,
        "original": document,
        "version": version,
        "current": document.current,
        "reading": document.versions.unfinished().first(),
        "error": error,
    }
    status = error.http_status if error else 200
    return TemplateResponse(request, "admin/index/use_version.html", context, status=status)
