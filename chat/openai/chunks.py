"""An answer in pieces, as OpenAI streams them."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from chat.conversations.models import Message
from chat.conversations.schema import AnswerOut
from chat.conversations.stream import KEEP_ALIVE, tell, with_pauses
from chat.openai.errors import error_object
from chat.openai.schema import MODEL, extension, finish_reason, usage_of
from chat.runs.events import Event
from chat.runs.services import stop
from governance.access.models import User

DONE = b"data: [DONE]\n\n"
WITHDRAWN = "\n\n---\nThe text above did not pass the check and is withdrawn. What holds:\n\n"
BEGUN_ANEW = "The answer had to be begun anew, and what was sent can't be taken back. Please ask again."


@dataclass(slots=True)
class Pieces:
    """
    Turns one run's events into chunks.

    `told` is the text as the run tells it, which may begin anew; `sent` what the client has: nothing of it can be
    taken back.
    """

    message: Message
    site: str
    with_usage: bool
    told: str = ""
    sent: str = ""
    is_over: bool = False
    _head: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self._head = {
            "id": f"chatcmpl-{self.message.request_id}",
            "object": "chat.completion.chunk",
            "created": int(self.message.created_at.timestamp()),
            "model": MODEL,
        }

    def first(self) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def of(self, event: Event) -> list[bytes]:
        match event.type:
            case "delta":
                return self._catch_up(self.told + event.data["text"])
            case "reset":
                return self._catch_up(event.data["text"])
            case "done":
                return self._end(AnswerOut.model_validate(event.data))
            case "error":
                return self._failure(event.data["message"])
        return []

    def _catch_up(self, told: str) -> list[bytes]:
        """What the client lacks of the text; nothing while it is told again what it has."""
        self.told = told
        if told.startswith(self.sent):
            return self._send(told[len(self.sent) :])
        return [] if self.sent.startswith(told) else self._failure(BEGUN_ANEW)

    def _send(self, text: str) -> list[bytes]:
        self.sent += text
        return [self._chunk({"content": text})] if text else []

    def _end(self, answer: AnswerOut) -> list[bytes]:
        if answer.status == "error":
            return self._failure(answer.answer)
        shown, reason = self.sent.lstrip(), finish_reason(answer)
        if not answer.answer.startswith(shown):
            shown = shown.rstrip()  # an answer is settled without the space around it
        if answer.answer.startswith(shown):
            rest = self._send(answer.answer[len(shown) :])
        else:
            rest, reason = self._send(WITHDRAWN + answer.answer), "content_filter"
        self.is_over = True
        last = [self._chunk({}, reason, askacme=extension(answer, self.site))]
        if self.with_usage:
            last.append(_data(self._head | {"choices": [], "usage": usage_of(answer)}))
        return [*rest, *last, DONE]

    def _failure(self, message: str) -> list[bytes]:
        self.is_over = True
        return [_data(error_object(message, status=503))]

    def _chunk(self, delta: dict[str, Any], reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        usage = {"usage": None} if self.with_usage else {}
        return _data(self._head | {"choices": [choice]} | usage | more)


async def chunks(message: Message, *, user: User, site: str, with_usage: bool) -> AsyncGenerator[bytes]:
    """The answer's chunks, as they come. A client that leaves before the end stops it: nobody could read it."""
    pieces = Pieces(message, site, with_usage)
    try:
        yield pieces.first()
        async with aclosing(tell(message.request_id)) as events, aclosing(with_pauses(events)) as paced:
            async for event in paced:
                for part in [KEEP_ALIVE] if event is None else pieces.of(event):
                    yield part
                if pieces.is_over:
                    return
    finally:
        if not pieces.is_over:
            await stop(user=user, request_id=message.request_id)


def _data(value: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()
