"""The thumbs under an answer, as one person left them."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from chat.conversations.models import Message
from governance.access.models import User
from governance.feedback.models import Feedback


@dataclass(frozen=True, slots=True)
class Thumbs:
    """`rating` and `reason` are empty where nothing was pressed."""

    request_id: UUID
    rating: str = ""
    reason: str = ""

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return Feedback.Reason.choices


def own_answer(user: User, request_id: UUID) -> Message:
    """Raises Http404 for somebody else's answer as for one that doesn't exist."""
    message = Message.objects.visible_to(user).filter(pk=request_id).first()
    if message is None:
        raise Http404
    return message
