"""A run's events in the memory of the process that makes them: whoever follows it there needs no Redis."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any
from uuid import UUID

from chat.runs.events import Event, EventType, before

NUMBERED = {"delta", "proof", "reset"}


class Tail:
    """
    The events of one attempt, in order, shared by all who follow it.

    A slow reader is only behind: it holds a number, not a queue, so it costs no memory and nobody waits for it.
    """

    def __init__(self, attempt: int) -> None:
        self.events: list[Event] = []
        self._before = before(attempt)
        self._news = asyncio.Event()
        self._end = asyncio.Event()

    def append(self, type_: EventType, data: dict[str, Any]) -> None:
        seq = self._before + len(self.events) + 1
        self.events.append(Event(seq, type_, {"seq": seq} | data if type_ in NUMBERED else data))
        self._tell()

    def end(self) -> None:
        """There will be no more: the run is over, or another process has it."""
        self._end.set()
        self._tell()

    @property
    def is_over(self) -> bool:
        return self._end.is_set()

    def has(self, seq: int) -> bool:
        """Whether somebody who has read up to `seq` can go on here; one from before this attempt begins it anew."""
        return seq <= self._before + len(self.events)

    async def after(self, seq: int) -> AsyncGenerator[Event]:
        """The events past `seq`, those there and those to come, until the end."""
        place = max(0, seq - self._before)
        while True:
            news = self._news
            while place < len(self.events):
                yield self.events[place]
                place += 1
            if self.is_over:
                return
            if news is self._news:
                await news.wait()

    async def news(self, known: int) -> None:
        """Wait for more than the `known` first events, or the end."""
        while len(self.events) == known and not self.is_over:
            await self._news.wait()

    async def wait_for_end(self, timeout_s: float) -> None:
        """Until the end, at most this long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._end.wait(), timeout_s)

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


_tails: dict[UUID, Tail] = {}


def open_tail(request_id: UUID, attempt: int) -> Tail:
    _tails[request_id] = tail = Tail(attempt)
    return tail


def tail_of(request_id: UUID) -> Tail | None:
    """None for a run that this process does not make."""
    return _tails.get(request_id)


def close_tail(request_id: UUID, tail: Tail) -> None:
    """Those who read it still read to its end."""
    tail.end()
    if _tails.get(request_id) is tail:
        del _tails[request_id]
