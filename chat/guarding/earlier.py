"""What a client says was said before: no word of it went through our guards when it was said."""

from collections.abc import Iterable
from uuid import UUID

from chat.conversations.models import Message

CLIENT = "client"
"""The `model` of turns that a client of OpenAI's API sent along: whatever they hold, the client wrote it."""


def said_by_client(request_id: UUID) -> tuple[list[str], list[str]]:
    """Questions and answers of such turns before this question."""
    turns = Message.objects.filter(conversation__messages=request_id, model=CLIENT)
    told = list(turns.values_list("question", "answer"))
    return says_something(question for question, _ in told), says_something(answer for _, answer in told)


def says_something(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if any(map(str.isalnum, text))]
