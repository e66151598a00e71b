"""A run's events for clients over HTTP: from any of them on, past their expiry, and never silent for long."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse

from askacme.lib.errors import NotFound, ServiceUnavailable
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.conversations.schema import AnswerOut, answer_object
from chat.conversations.unveil import Hidden, unveiled
from chat.runs.events import Event, before
from chat.runs.follow import follow
from governance.access.audience import Audience

EVENT_STREAM = "text/event-stream"
KEEP_ALIVE = b": keep-alive\n\n"
KEEP_ALIVE_S = 15.0
"""Proxies cut a connection on which nothing came for a minute, some for half of one."""

INTERRUPTED = "The answer was interrupted. Please ask again."
DELETED = "This conversation was deleted."


async def tell(request_id: UUID, *, after: int = 0) -> AsyncGenerator[Event]:
    """
    The run's events past `after`, to the very end: the last one is `done` or `error`.

    For the person who asked: with the values behind placeholders. Once the events have expired, what is stored says the
    same: a `reset` with the whole text, a `proof` for each sentence, `sources`, `done`.
    """
    async with aclosing(told(request_id, after)) as events, aclosing(unveiled(events, Hidden(request_id))) as clear:
        async for event in clear:
            yield event


async def told(request_id: UUID, after: int) -> AsyncGenerator[Event]:
    """As they were told, placeholders and all."""
    async with aclosing(follow(request_id, after=after)) as events:
        async for event in events:
            yield event
            if event.is_last:
                return
    for event in await in_thread(stored, request_id, after):
        yield event


def stored(request_id: UUID, after: int) -> list[Event]:
    message = Message.objects.select_related("conversation__user").filter(pk=request_id).first()
    if message is None:
        return [Event(after, "error", {"code": NotFound.code, "message": DELETED})]
    if message.state == Message.State.RUNNING:
        return [Event(after, "error", {"code": ServiceUnavailable.code, "message": INTERRUPTED})]
    done = answer_object(message, Audience.of(message.conversation.user))
    return [
        Event(after, "reset", {"seq": after, "text": message.answer}),
        *(Event(after, "proof", told_again(sentence, after)) for sentence in message.proof),
        Event(after, "sources", {"sources": done["sources"]}),
        Event(after, "done", done),
    ]


def told_again(sentence: dict[str, Any], seq: int) -> dict[str, Any]:
    rest = {name: value for name, value in sentence.items() if name != "index"}
    return {"seq": seq, "sentence": sentence["index"], **rest}


async def resume(message: Message, last_event_id: str) -> AsyncGenerator[Event]:
    """What comes after the event with this id; all of it, behind an empty `reset`, when there never was such an id."""
    after = event_number(last_event_id, attempts=message.attempts)
    if after is None:
        yield Event(0, "reset", {"seq": 0, "text": ""})
    hidden = Hidden(message.request_id)
    async with aclosing(told_now(message, after or 0)) as events, aclosing(unveiled(events, hidden)) as clear:
        async for event in clear:
            yield event


async def told_now(message: Message, after: int) -> AsyncGenerator[Event]:
    async with aclosing(told(message.request_id, after)) as events:
        async for event in events:
            is_of_then = event.type in {"sources", "done"}
            yield await in_thread(as_of_now, event, message.request_id) if is_of_then else event


def as_of_now(event: Event, request_id: UUID) -> Event:
    """`sources` or `done` for whoever comes later: with what the person who asked may see by now."""
    told = {again.type: again for again in stored(request_id, event.seq)}
    return told.get(event.type) or told["error"]


def event_number(event_id: str, *, attempts: int) -> int | None:
    """
    The number that an event's id holds, 0 for none at all.

    None for what can't be one of that many attempts, and for one that no stream holds: what is shown is to be dropped.
    """
    if not event_id:
        return 0
    is_number = event_id.isascii() and event_id.isdigit() and len(event_id) < 12
    return int(event_id) if is_number and 0 < int(event_id) <= before(attempts + 1) else None


async def settled(request_id: UUID) -> AnswerOut:
    """The whole answer, once it is there. Raises ServiceUnavailable when there will be none."""
    async with aclosing(tell(request_id)) as events:
        async for event in events:
            if event.type == "done":
                return AnswerOut.model_validate(event.data)
            if event.type == "error":
                raise ServiceUnavailable(event.data["message"])
    raise ServiceUnavailable(INTERRUPTED)


async def with_pauses(events: AsyncIterator[Event], *, every_s: float = KEEP_ALIVE_S) -> AsyncGenerator[Event | None]:
    """The events, and None each time that none came for so long."""

    async def next_one() -> Event | None:
        return await anext(events, None)

    coming = asyncio.create_task(next_one())
    try:
        while True:
            await asyncio.wait({coming}, timeout=every_s)
            if not coming.done():
                yield None
            elif event := coming.result():
                yield event
                coming = asyncio.create_task(next_one())
            else:
                return
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def event_stream(events: AsyncGenerator[Event]) -> StreamingHttpResponse:
    return streaming(server_sent(events))


def streaming(parts: AsyncIterator[bytes]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(parts, content_type=EVENT_STREAM)
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def server_sent(events: AsyncGenerator[Event]) -> AsyncGenerator[bytes]:
    async with aclosing(events), aclosing(with_pauses(events)) as paced:
        async for event in paced:
            yield KEEP_ALIVE if event is None else sse(event)


def sse(event: Event) -> bytes:
    return f"id: {event.seq}\nevent: {event.type}\ndata: {json.dumps(event.data)}\n\n".encode()
