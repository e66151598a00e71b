"""Conversations with turns in their order, and questions asked behind them."""

from typing import Any

from chat.conversations.models import Conversation, Message
from chat.pipeline.values import Asked
from governance.access.audience import Audience
from governance.access.models import User
from knowledge.documents.models import DocumentVersion
from tests.chat.rows import make_conversation, make_message

LEAVE = "How many weeks of parental leave do I get?"


def make_turn(before: Message | Conversation, question: str, *cited: DocumentVersion, **fields: Any) -> Message:
    """Behind a turn, or the first of a conversation; its answer leans on the cited versions, if there are any."""
    conversation, parent = (before, None) if isinstance(before, Conversation) else (before.conversation, before)
    marks = "".join(f"[{n}]" for n in range(1, len(cited) + 1))
    answer = f"So it is.{marks}"
    return make_message(
        conversation, *cited, **{"question": question, "parent_id": parent and parent.pk, "answer": answer, **fields}
    )


def asked_after(before: Message | None, user: User, question: str) -> Asked:
    """The question as the pipeline takes it in, running."""
    conversation = before.conversation if before else make_conversation(user)
    message = Message.objects.create(conversation=conversation, parent=before, question=question)
    return Asked(message.request_id, question, user.pk, Audience.of(user))
