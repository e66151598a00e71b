"""
Following a run: the one way to read its events, from any process, at any time.

In the process that makes the answer they come from its memory, elsewhere from Redis; while Redis is away, from the
text that is stored on a timer.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast
from uuid import UUID

from redis.exceptions import RedisError

from askacme.lib.redis import client
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.runs.events import Event, EventType, begins_an_attempt
from chat.runs.ship import stream_key
from chat.runs.tail import Tail, tail_of

logger = logging.getLogger(__name__)

WAIT_MS = 1000
PATIENCE_S = 3.0
PAUSE_S = 0.5
BEFORE_ALL = 0
"""The number of a `reset` that no stream holds: whoever is cut there begins anew."""
Batches = list[tuple[str, list[tuple[str, dict[str, str]]]]]
"""What XREAD answers: per stream its new entries, as (id, fields)."""


async def follow(request_id: UUID, *, after: int = 0) -> AsyncGenerator[Event]:
    """
    The run's events past number `after`, first those already there, then live; ends after `done` or `error`.

    Ends without a last event when the run is over and its events are gone: the caller then shows what is stored. Goes
    on through a process's death, when another takes the run over; what it tells begins with a `reset`.
    """
    seq = after
    while True:
        tail = _here(request_id, seq)
        source = tail.after(seq) if tail else _from_redis(request_id, seq)
        async with aclosing(source) as events:
            async for event in events:
                seq = max(seq, event.seq)
                yield event
                if event.is_last:
                    return
        if tail is None and not await in_thread(is_running, request_id):
            return


def _here(request_id: UUID, seq: int) -> Tail | None:
    """The run's events in this process's memory, if it is the one that makes the answer."""
    tail = tail_of(request_id)
    return tail if tail and tail.has(seq) else None


def is_running(request_id: UUID) -> bool:
    return Message.objects.running().filter(pk=request_id).exists()


async def _from_redis(request_id: UUID, after: int) -> AsyncGenerator[Event]:
    """What the stream has and gets, until there is news no more, or this process makes the answer itself."""
    seq, stored = after, ""
    while _here(request_id, seq) is None:
        events = await _read(request_id, seq)
        if events is None:  # Redis is away
            if (text := await in_thread(stored_text, request_id)) is None:
                return
            if text != stored:
                stored = text
                yield Event(BEFORE_ALL, "reset", {"seq": BEFORE_ALL, "text": text})
            await asyncio.sleep(PAUSE_S)
            continue
        if stored:
            seq, stored = 0, ""
            yield Event(BEFORE_ALL, "reset", {"seq": BEFORE_ALL, "text": ""})
            continue
        if events and not fits(events[0], seq):
            await asyncio.sleep(PAUSE_S)  # a gap: its writer sees it too, and writes the stream anew
            events = []
        if not events and not await in_thread(is_running, request_id):
            return
        for event in events:
            seq = event.seq
            yield event


def fits(event: Event, seq: int) -> bool:
    """Whether the event is the next one after number `seq`. A stream holds no gaps but before its first."""
    return event.seq == seq + 1 or begins_an_attempt(event.seq)


async def _read(request_id: UUID, after: int) -> list[Event] | None:
    """The next events, none when a second brought none; None while Redis does not answer."""
    key = stream_key(request_id)
    try:
        async with asyncio.timeout(PATIENCE_S):
            batches = cast("Batches", await client().xread({key: f"{after}-0"}, count=500, block=WAIT_MS))
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("Run %s is followed without Redis (%r)", request_id, error)
        return None
    return [_event(entry_id, fields) for _, entries in batches or () for entry_id, fields in entries]


def _event(entry_id: str, fields: dict[str, Any]) -> Event:
    return Event(int(entry_id.split("-", maxsplit=1)[0]), cast("EventType", fields["type"]), json.loads(fields["data"]))


def stored_text(request_id: UUID) -> str | None:
    """What there was of a running answer a moment ago; None when it runs no more."""
    return Message.objects.running().filter(pk=request_id).values_list("answer", flat=True).first()
