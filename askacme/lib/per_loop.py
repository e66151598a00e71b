"""Clients that belong to one event loop: made at first use, closed together when a short-lived loop ends."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

_all: list["PerLoop[Any]"] = []


class PerLoop(Generic[T]):
    """One `T` for each event loop. A web process has a single loop; commands and tests have many short ones."""

    def __init__(self, make: Callable[[], T], close: Callable[[T], Awaitable[object]]) -> None:
        self._make = make
        self._close = close
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        _all.append(self)

    def get(self) -> T:
        loop = asyncio.get_running_loop()
        if loop not in self._made:
            self._made[loop] = self._make()
        return self._made[loop]

    async def close(self) -> None:
        made = self._made.pop(asyncio.get_running_loop(), None)
        if made is not None:
            await self._close(made)


async def close_all() -> None:
    """Close whatever the running loop has; the last act of a loop that does not live as long as its process."""
    for per_loop in _all:
        await per_loop.close()
