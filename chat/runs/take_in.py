"""A question on record: in which conversation, and after which turn of it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from askacme.lib.errors import ConversationBusy, NotFound
from chat.conversations.models import TITLE_CHARS, Conversation, Message
from chat.pipeline.values import Asked
from governance.access.models import User

AFTER_THE_LAST = "after the last turn that is shown"


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a question goes. `after` is the turn before it, None for none.

    `before` writes the turns that go before the first question of a new conversation, and gives the last of them.
    """

    conversation_id: UUID
    after: UUID | str | None
    is_temporary: bool = False
    before: Callable[[Conversation], Message] | None = None


def place_of(user: User, conversation_id: UUID, request_id: UUID) -> tuple[Place, str]:
    """Where one's own question stands, and its text. Raises NotFound."""
    message = Message.objects.visible_to(user).filter(pk=request_id, conversation=conversation_id).first()
    if message is None:
        raise NotFound("There is no such question.")
    return Place(message.conversation_id, message.parent_id), message.question


def take_in(asked: Asked, *, user: User, place: Place) -> Message:
    """
    Store the question, and make it the last turn that is shown.

    Raises NotFound for somebody else's conversation, and ConversationBusy while it is answering.
    """
    try:
        with transaction.atomic():
            found = Conversation.objects.filter(pk=place.conversation_id).defer("summary")
            conversation = found.select_for_update(no_key=True).first()
            if conversation is None:
                return begin_conversation(asked, user, place)
            if conversation.user_id != user.pk:
                raise NotFound("There is no such conversation.")
            after = conversation.head_id if place.after == AFTER_THE_LAST else place.after
            message = Message.objects.create(
                request_id=asked.request_id,
                conversation=conversation,
                question=asked.question,
                recipe=asked.recipe.label,
                parent_id=after,
            )
            Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now(), head=message)
            return message
    except IntegrityError:
        raise ConversationBusy(_("I'm still answering your last question. Wait for it, or stop it.")) from None


def begin_conversation(asked: Asked, user: User, place: Place) -> Message:
    """Two tabs that do so at once: one of them meets the other's, and is told that it is busy."""
    conversation = Conversation.objects.create(
        pk=place.conversation_id,
        user=user,
        title=title_of(asked.question),
        is_temporary=place.is_temporary,
        head_id=asked.request_id,  # the constraint is looked at when the transaction ends
    )
    before = place.before(conversation) if place.before else None
    return Message.objects.create(
        request_id=asked.request_id,
        conversation=conversation,
        question=asked.question,
        recipe=asked.recipe.label,
        parent=before,
    )


def title_of(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rsplit(" ", 1)[0][: TITLE_CHARS - 1] + "…"
