"""The thumbs under an answer, as one person left them."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from chat.conversations.models import Message
from governance.access.models import User
from governance.feedback.models import Feedback


@dataclass(frozen=True, slots=True)
class Thumbs:
    """`rating`, `reason` and `comment` are empty where nothing was pressed or written."""

    request_id: UUID
    rating: str = ""
    reason: str = ""
    comment: str = ""

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Feedback.Reason.choices]


def held_answer(user: User, request_id: UUID) -> Message:
    """
    One's own answer until the end of the transaction: deleted meanwhile, it would leave its rating behind.

    Raises Http404 as `own_answer` does.
    """
    mine = Message.objects.visible_to(user).select_related("conversation").select_for_update(of=("self",), no_key=True)
    message = mine.filter(pk=request_id).first()
    if message is None:
        raise Http404
    return message


def own_answer(user: User, request_id: UUID) -> Message:
    """Raises Http404 for somebody else's answer as for one that doesn't exist."""
    message = Message.objects.visible_to(user).filter(pk=request_id).first()
    if message is None:
        raise Http404
    return message
