"""
A run's events on their way to Redis, for followers in other processes and for those who come late.

The stream is always a beginning of what the process has in memory. Whatever happens to Redis meanwhile (it hangs, it
is restarted empty), the stream is written anew as soon as it can be; the answer never waits for it.
"""

import asyncio
import json
import logging
from pathlib import Path
from uuid import UUID

from redis.exceptions import RedisError

from askacme.lib.redis import Script
from chat.runs.events import Event, before
from chat.runs.tail import Tail

logger = logging.getLogger(__name__)

LIFE_S = 3600
PATIENCE_S = 2.0
PAUSE_S = 0.25
"""Between two writings: who follows elsewhere sees a few words at a time, and a thousand answers write less often."""
PAUSES_S = (0.1, 0.3, 1.0)
SUPERSEDED = -1

append = Script(Path(__file__).with_name("append.lua"))


def stream_key(request_id: UUID) -> str:
    return f"run:{request_id}:events"


async def ship(request_id: UUID, attempt: int, tail: Tail) -> bool:
    """Keep the stream in step with `tail`, until its end. False when a later attempt writes it."""
    shipped, anew, failures = 0, attempt > 1, 0
    while True:
        events = tail.events[0 if anew else shipped :]
        if events:
            there = await _try(request_id, attempt, events, known=shipped, anew=anew)
            if there == SUPERSEDED:
                return False
            if there is None:
                await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
                failures += 1
            anew = there != (0 if anew else shipped) + len(events)
            if not anew:
                shipped, failures = there or 0, 0
                await tail.wait_for_end(PAUSE_S)
        elif tail.is_over:
            return True
        else:
            await tail.news(shipped)


async def _try(request_id: UUID, attempt: int, events: list[Event], *, known: int, anew: bool) -> int | None:
    """How many events the stream has now, or SUPERSEDED; None when Redis does not answer in time."""
    flat = [part for event in events for part in (event.seq, event.type, json.dumps(event.data))]
    try:
        async with asyncio.timeout(PATIENCE_S):
            return int(await append([stream_key(request_id)], [before(attempt), known, LIFE_S, int(anew), *flat]))
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("Run %s: its events wait for Redis (%r)", request_id, error)
        return None
