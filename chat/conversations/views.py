"""The chat's pages."""

from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from askacme.lib.errors import ConversationBusy
from chat.conversations import branches
from chat.conversations.models import Conversation, Message
from chat.conversations.sidebar import sidebar_of
from chat.conversations.turns import Turn, thread_of
from chat.disclosure.services import readings_to_tell
from chat.escalation.unread import unread_elsewhere
from chat.sharing.models import Share
from chat.starters.services import starters_for
from chat.transparency.services import has_acknowledged
from governance.access.models import User

SHARED_LISTED = 100


@login_required
@require_safe
def new_chat(request: HttpRequest) -> HttpResponse:
    """An empty chat. Its conversation comes into being with the first question."""
    return chat_page(request, Conversation(id=uuid4()), [])


@login_required
@require_safe
def temporary_chat(request: HttpRequest) -> HttpResponse:
    """An empty chat that stands in no list and is deleted when it is left."""
    return chat_page(request, Conversation(id=uuid4(), is_temporary=True), [])


@login_required
@require_safe
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """
    With `turn`, the branch that it stands on: what search has found may have been edited since.

    Looking changes nothing: such a branch is only read, until the person goes on with it (`show_branch`).
    """
    user = person_of(request)
    found = get_object_or_404(Conversation.objects.visible_to(user), pk=conversation_id)
    turns = thread_of(found.pk, user)
    wanted = uuid_in(request.GET.get("turn"))
    is_earlier = (
        wanted is not None
        and wanted not in {turn.message.pk for turn in turns}
        and found.messages.filter(pk=wanted).exists()
    )
    if is_earlier:
        turns = thread_of(found.pk, user, through=wanted)
    unread = unread_elsewhere(user, found.pk, [turn.message.pk for turn in turns])
    return chat_page(request, found, turns, is_earlier=is_earlier, unread=unread)


@login_required
@require_POST
def show_branch(request: HttpRequest, conversation_id: UUID, request_id: UUID) -> HttpResponse:
    """Show another of the turns that stand in one place."""
    turn = get_object_or_404(
        Message.objects.visible_to(person_of(request)), pk=request_id, conversation=conversation_id
    )
    try:
        branches.show_branch(user=person_of(request), request_id=turn.pk)
    except ConversationBusy:  # the page goes on showing what it is busy with
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204)
    return redirect(f"{turn.conversation.get_absolute_url()}#turn-{turn.pk}")


def chat_page(request: HttpRequest, shown: Conversation, turns: list[Turn], **more: object) -> HttpResponse:
    user = person_of(request)
    context = {
        "conversation": shown,
        "current_id": shown.pk,
        "turns": turns,
        "groups": sidebar_of(user),
        "shared": Share.objects.visible_to(user).select_related("conversation", "shared_by")[:SHARED_LISTED],
        "starters": [] if turns else starters_for(user),
        "max_question_chars": settings.ASKACME.max_question_chars,
        "must_be_told": not has_acknowledged(user),
        "readings": readings_to_tell(owner=user, conversation_id=shown.pk),
    }
    return render(request, "chat/chat.html", context | more)


def uuid_in(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def person_of(request: HttpRequest) -> User:
    return as_person(request.user)


def as_person(user: object) -> User:
    """The signed-in person; only behind `login_required`."""
    assert isinstance(user, User)  # noqa: S101  (narrows the type)
    return user
