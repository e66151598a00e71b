"""The proof behind an answer, and the documents: what a citation opens."""

from collections.abc import AsyncIterator
from typing import IO
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from askacme.lib.threads import in_thread
from chat.conversations.models import Citation
from chat.conversations.views import as_person, person_of
from chat.proof.changes import change_of
from chat.proof.reading import Span, read, span_of, surroundings
from chat.proof.sources import beside, by_document
from governance.access.audience import Audience
from governance.access.models import User
from knowledge.documents.models import DocumentVersion

READ_BYTES = 256 * 1024
PDF = "application/pdf"
NOTHING_RUNS = "sandbox; default-src 'none'"
"""The policy for a file that people uploaded, should a browser show it after all."""
PDF_VIEWER_RUNS = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
"""A sandbox would keep the browser's own PDF viewer from starting."""


@login_required
@require_safe
def source(request: HttpRequest, request_id: UUID, n: int) -> HttpResponse:
    """The passage behind a `[n]`: the panel's content for htmx, a page for everyone else."""
    in_panel = bool(request.headers.get("HX-Request"))
    try:
        citation = citation_for(person_of(request), request_id, n)
    except Http404:
        if not in_panel:
            raise
        return render(request, "chat/source.html#gone", status=404)
    citations = citations_of(person_of(request), request_id)
    previous, following = beside(citation, citations)
    context = {
        "citation": citation,
        "version": citation.version,
        "file_is_open": citation.version.file_is_open_to(person_of(request)),
        "pieces": surroundings(citation.version, Span(citation.start, citation.end)),
        "change": change_of(citation.version, citation.start, citation.end),
        "documents": by_document(citations),
        "previous": previous,
        "following": following,
        "count": len(citations),
    }
    return render(request, "chat/source.html#panel" if in_panel else "chat/source.html", context)


@login_required
@require_safe
def document(request: HttpRequest, version_id: int) -> HttpResponse:
    """The text of one version, with the passage from `start` to `end` marked."""
    version = version_for(person_of(request), version_id)
    passage = span_of(version, request.GET.get("start"), request.GET.get("end"))
    change = change_of(version, passage.start, passage.end) if passage else None
    context = {
        "version": version,
        "file_is_open": version.file_is_open_to(person_of(request)),
        "pieces": read(version, passage),
        "change": change,
    }
    return render(request, "chat/document.html", context)


@login_required
@require_safe
async def document_file(request: HttpRequest, version_id: int) -> HttpResponseBase:
    """The file as it was uploaded. Only a PDF is shown in the browser; nothing else of people's may run there."""
    version, file = await in_thread(open_file, as_person(await request.auser()), version_id)
    is_pdf = version.media_type == PDF
    response = StreamingHttpResponse(chunks_of(file), content_type=version.media_type or "application/octet-stream")
    response["Content-Length"] = str(version.size_bytes)
    response["Content-Disposition"] = content_disposition_header(not is_pdf, version.filename) or "attachment"
    response["Content-Security-Policy"] = PDF_VIEWER_RUNS if is_pdf else NOTHING_RUNS
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def citation_for(user: User, request_id: UUID, n: int) -> Citation:
    """Raises Http404 unless both the answer and the document it quotes are the person's to see."""
    return get_object_or_404(
        Citation.objects.visible_to(user)
        .select_related("version__document__current")
        .defer("version__document__current__text", "version__document__current__blocks"),
        message=request_id,
        n=n,
    )


def citations_of(user: User, request_id: UUID) -> list[Citation]:
    """Those of the answer that the person may see."""
    mine = Citation.objects.visible_to(user).filter(message=request_id).select_related("version__document")
    return list(mine.defer("version__text", "version__blocks", "quote"))


def version_for(user: User, version_id: int) -> DocumentVersion:
    return get_object_or_404(
        DocumentVersion.objects.visible_to(Audience.of(user))
        .select_related("document__current")
        .defer("document__current__text", "document__current__blocks"),
        pk=version_id,
        state=DocumentVersion.State.READY,
    )


def open_file(user: User, version_id: int) -> tuple[DocumentVersion, IO[bytes]]:
    """Raises Http404 also for a file that is gone from the disk, or tells what its text hides."""
    version = get_object_or_404(DocumentVersion.objects.visible_to(Audience.of(user)), pk=version_id)
    if not version.file_is_open_to(user):
        raise Http404
    try:
        return version, version.file.storage.open(version.file.name or "", "rb")
    except OSError:
        raise Http404 from None


async def chunks_of(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while chunk := await in_thread(file.read, READ_BYTES):
            yield chunk
    finally:
        file.close()
