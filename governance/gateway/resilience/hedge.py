"""
A second model asked beside a slow first one; whoever speaks first answers, the other is let go.

J. Dean, L. A. Barroso: The Tail at Scale (2013), hedged requests.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from governance.gateway.types import StreamItem

Items = AsyncGenerator[StreamItem]


async def hedged(first: Items, *, after_s: float, second: Callable[[], Awaitable[Items | None]]) -> Items:
    """
    The items of `first`, or of what `second` gives when `first` says nothing for `after_s` and is overtaken.

    Raises what the last of them raised when both fail.
    """
    waiting: dict[asyncio.Future[StreamItem], Items] = {asyncio.ensure_future(anext(first)): first}
    try:
        await asyncio.wait(waiting, timeout=after_s)
        if not any(future.done() for future in waiting) and (other := await second()) is not None:
            waiting[asyncio.ensure_future(anext(other))] = other
        item, items = await _quickest(waiting)
        async with aclosing(items):
            yield item
            await _let_go(waiting)
            async for item in items:
                yield item
    finally:
        await _let_go(waiting)


async def _quickest(waiting: dict[asyncio.Future[StreamItem], Items]) -> tuple[StreamItem, Items]:
    """Takes the winner, and those that failed before it, out of `waiting`."""
    while True:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            items = waiting.pop(future)
            if future.exception() is None:
                return future.result(), items
            if not waiting:
                return future.result(), items


async def _let_go(waiting: dict[asyncio.Future[StreamItem], Items]) -> None:
    while waiting:
        future, items = waiting.popitem()
        future.cancel()
        await asyncio.wait({future})
        if not future.cancelled():
            future.exception()  # it failed as well; nobody asks any more
        await items.aclose()
