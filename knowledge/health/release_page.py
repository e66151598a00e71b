"""The console's button that lets a version through."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from askacme.lib.errors import AskAcmeError
from governance.access.console import actor_of
from knowledge.documents.models import Document, DocumentVersion
from knowledge.health.services import release


def release_page(request: HttpRequest, version_id: int, *, console: ModelAdmin[Document]) -> HttpResponse:
    """Release the version, and back to its document. To POST to."""
    if not console.has_change_permission(request):
        raise PermissionDenied
    version = get_object_or_404(DocumentVersion.objects.select_related("document"), pk=version_id)
    try:
        release(version=version, actor=actor_of(request))
    except AskAcmeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{version.document} is released, and is being read again.")
    return redirect("admin:knowledge_document_change", version.document_id)
