"""Conversations and answers, to take along."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from chat.conversations.models import Conversation, Message
from chat.conversations.turns import thread_of, turn_of
from chat.conversations.views import person_of
from chat.export.markdown import answer_as_markdown, conversation_as_markdown, filename_of

MARKDOWN = "text/markdown; charset=utf-8"


@login_required
@require_safe
def conversation_markdown(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The branch that is shown, as a file. Of a temporary conversation nothing is kept, so there is none."""
    user = person_of(request)
    found = get_object_or_404(Conversation.objects.visible_to(user).listed(), pk=conversation_id)
    text = conversation_as_markdown(found, thread_of(found.pk, user), request.build_absolute_uri)
    name = content_disposition_header(as_attachment=True, filename=filename_of(found))
    return HttpResponse(text, content_type=MARKDOWN, headers={"Content-Disposition": name})


@login_required
@require_safe
def answer_markdown(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """For the button that copies an answer."""
    turn = turn_of(request_id, person_of(request))
    if turn is None or turn.state == Message.State.RUNNING:
        raise Http404
    return HttpResponse(answer_as_markdown(turn, request.build_absolute_uri), content_type=MARKDOWN)
