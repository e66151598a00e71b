"""Questions that were handed over, made by hand."""

from typing import Any

from django.contrib.auth.models import Group

from chat.conversations.models import Message
from chat.escalation import services
from chat.escalation.models import Escalation
from chat.escalation.recipients import Recipient, as_recipient
from governance.access.models import User
from tests.chat.rows import make_conversation, make_message


def make_refusal(user: User, **fields: Any) -> Message:
    """An "I don't know", alone in its conversation."""
    refused = {"question": "Is there a sabbatical?", "answer": "I don't know.", "status": "no_answer"}
    return make_message(make_conversation(user), **{**refused, **fields})


def hand_over(
    user: User, to: Group | User, message: Message | None = None, *, note: str = "", **fields: Any
) -> Escalation:
    """A question of theirs, a new refusal unless one is given, with a group or a person now."""
    message = message or make_refusal(user, **fields)
    recipient = as_recipient(to) if isinstance(to, Group) else Recipient(str(to), "", person=to)
    return services.escalate(user=user, request_id=message.pk, to=recipient, note=note)
