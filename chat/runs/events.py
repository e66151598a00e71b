"""
A run's numbered events, kept in a Redis stream: whoever joins late reads them from the start, then goes on live.

Nothing here knows about sockets or pages. Event `seq` counts from 1; as a stream id it is `<seq>-0`, so Redis itself
refuses a number twice.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

from askacme.lib.redis import client

EventType = Literal["status", "delta", "sources", "done", "error"]
LIFE_S = 3600
WAIT_MS = 2000
Batches = list[tuple[str, list[tuple[str, dict[str, str]]]]]
"""What XREAD answers: per stream its new entries, as (id, fields)."""


@dataclass(frozen=True, slots=True)
class Event:
    """
    One step of an answer.

    `status` {"stage": "searching" | "writing"}, or {"stage": "queued", "place"} while it waits for its turn;
    `delta` {"seq", "text"}; `sources` {"sources": [...]};
    `done` the whole answer as the API gives it; `error` {"code", "message"}.
    """

    seq: int
    type: EventType
    data: dict[str, Any]

    @property
    def is_last(self) -> bool:
        return self.type in {"done", "error"}


def stream_key(request_id: UUID) -> str:
    return f"run:{request_id}:events"


class EventWriter:
    """Appends one run's events in order. Only the process that runs the answer has one."""

    def __init__(self, request_id: UUID) -> None:
        self._key = stream_key(request_id)
        self._seq = 0

    async def write(self, type_: EventType, data: dict[str, Any]) -> Event:
        self._seq += 1
        event = Event(self._seq, type_, data | {"seq": self._seq} if type_ == "delta" else data)
        fields = {"type": event.type, "data": json.dumps(event.data)}
        async with client().pipeline(transaction=True) as pipe:
            pipe.xadd(self._key, cast("Any", fields), id=f"{event.seq}-0")
            pipe.expire(self._key, LIFE_S)
            await pipe.execute()
        return event


async def follow(request_id: UUID, *, after: int = 0) -> AsyncIterator[Event]:
    """
    The run's events past `after`, first those already there, then live; ends after `done` or `error`.

    Ends early, without a last event, when the run is gone: its process died or its events expired. The caller then
    shows what is stored.
    """
    from chat.runs.heartbeat import is_alive

    key, cursor = stream_key(request_id), f"{after}-0"
    while True:
        batches = cast("Batches", await client().xread({key: cursor}, count=200, block=WAIT_MS))
        if not batches and not await is_alive(request_id):
            return
        for _, entries in batches:
            for entry_id, fields in entries:
                cursor = entry_id
                type_ = cast("EventType", fields["type"])
                event = Event(int(entry_id.split("-")[0]), type_, json.loads(fields["data"]))
                yield event
                if event.is_last:
                    return
