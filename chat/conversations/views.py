"""The pages people see: the chat, the proof behind an answer, the documents."""

from collections.abc import AsyncIterator
from typing import IO
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from askacme.lib.threads import in_thread
from chat.conversations.models import Citation, Conversation, Message
from chat.conversations.reading import Span, read, span_of, surroundings
from chat.conversations.sidebar import sidebar_of
from chat.conversations.turns import Turn, turns_of
from governance.access.audience import Audience
from governance.access.models import User
from knowledge.documents.models import DocumentVersion

READ_BYTES = 256 * 1024
PDF = "application/pdf"
EXAMPLES = (
    "How many weeks of parental leave do I get?",
    "By when must I hand in my expenses?",
    "How do I get a new laptop?",
    "Which public holidays do we have this year?",
)
NOTHING_RUNS = "sandbox; default-src 'none'"
"""The policy for a file that people uploaded, should a browser show it after all."""
PDF_VIEWER_RUNS = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
"""A sandbox would keep the browser's own PDF viewer from starting."""


@login_required
@require_safe
def new_chat(request: HttpRequest) -> HttpResponse:
    """An empty chat. Its conversation comes into being with the first question."""
    return chat_page(request, Conversation(id=uuid4()), [])


@login_required
@require_safe
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    user = person_of(request)
    found = get_object_or_404(Conversation.objects.visible_to(user), pk=conversation_id)
    return chat_page(request, found, turns_of(found.messages.all(), user))


@login_required
@require_POST
def delete_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    get_object_or_404(Conversation.objects.visible_to(person_of(request)), pk=conversation_id).delete()
    return redirect("new_chat")


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
    context = {
        "citation": citation,
        "version": citation.version,
        "pieces": surroundings(citation.version, Span(citation.start, citation.end)),
    }
    return render(request, "chat/source.html#panel" if in_panel else "chat/source.html", context)


@login_required
@require_safe
def document(request: HttpRequest, version_id: int) -> HttpResponse:
    """The text of one version, with the passage from `start` to `end` marked."""
    version = version_for(person_of(request), version_id)
    passage = span_of(version, request.GET.get("start"), request.GET.get("end"))
    return render(request, "chat/document.html", {"version": version, "pieces": read(version, passage)})


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


def chat_page(request: HttpRequest, shown: Conversation, turns: list[Turn]) -> HttpResponse:
    context = {
        "conversation": shown,
        "current_id": shown.pk,
        "turns": turns,
        "groups": sidebar_of(person_of(request)),
        "examples": EXAMPLES,
        "max_question_chars": settings.ASKACME.max_question_chars,
    }
    return render(request, "chat/chat.html", context)


def citation_for(user: User, request_id: UUID, n: int) -> Citation:
    """Raises Http404 unless both the answer and the document it quotes are the person's to see."""
    return get_object_or_404(
        Citation.objects.select_related("version__document__current").defer(
            "version__document__current__text", "version__document__current__blocks"
        ),
        message__in=Message.objects.visible_to(user).filter(pk=request_id),
        version__in=DocumentVersion.objects.visible_to(Audience.of(user)),
        n=n,
    )


def version_for(user: User, version_id: int) -> DocumentVersion:
    return get_object_or_404(
        DocumentVersion.objects.visible_to(Audience.of(user))
        .select_related("document__current")
        .defer("document__current__text", "document__current__blocks"),
        pk=version_id,
        state=DocumentVersion.State.READY,
    )


def open_file(user: User, version_id: int) -> tuple[DocumentVersion, IO[bytes]]:
    """Raises Http404 also for a file that is gone from the disk."""
    version = get_object_or_404(DocumentVersion.objects.visible_to(Audience.of(user)), pk=version_id)
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


def person_of(request: HttpRequest) -> User:
    return as_person(request.user)


def as_person(user: object) -> User:
    """The signed-in person; only behind `login_required`."""
    assert isinstance(user, User)  # noqa: S101  (narrows the type)
    return user
