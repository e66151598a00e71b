"""A conversation played from its first question to its last."""

from collections.abc import Iterable

from chat.conversations.models import Message
from chat.runs.services import ask_and_wait
from governance.access.models import User


async def play(*, user: User, before: Iterable[str], question: str) -> Message:
    """
    The settled message of `question`, asked after those `before` it in a new conversation.

    Each goes through the whole pipeline. Raises as `ask_and_wait` does.
    """
    conversation_id = None
    for earlier in before:
        conversation_id = (
            await ask_and_wait(user=user, question=earlier, conversation_id=conversation_id)
        ).conversation_id
    return await ask_and_wait(user=user, question=question, conversation_id=conversation_id)
