"""A second model beside a slow first one."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.resilience.hedge import hedged
from governance.gateway.types import StreamItem, TextDelta

AT_ONCE_S, NEVER_S = 0.0, 60.0


class Speaker:
    """Says its words once `ready` is set, or fails; knows whether it was let go."""

    def __init__(self, *words: str, ready: bool = True, fails: bool = False) -> None:
        self.words, self.fails = words, fails
        self.ready = asyncio.Event()
        self.was_let_go = False
        if ready:
            self.ready.set()

    async def items(self) -> AsyncGenerator[StreamItem]:
        try:
            await self.ready.wait()
            if self.fails:
                raise ProviderFailed(Fault.OVERLOADED, "broken on purpose")
            for word in self.words:
                yield TextDelta(word)
        except (asyncio.CancelledError, GeneratorExit):
            self.was_let_go = True
            raise


async def told(first: Speaker, second: Speaker | None, *, after_s: float = AT_ONCE_S) -> str:
    asked = []

    async def start() -> AsyncGenerator[StreamItem] | None:
        asked.append(second)
        return second.items() if second else None

    items = hedged(first.items(), after_s=after_s, second=start)
    return "".join([item.text async for item in items if isinstance(item, TextDelta)])


async def test_a_quick_first_one_answers_alone() -> None:
    second = Speaker("never")
    assert await told(Speaker("16 ", "weeks"), second, after_s=NEVER_S) == "16 weeks"


async def test_a_slow_first_one_is_overtaken_and_let_go() -> None:
    slow = Speaker("too late", ready=False)
    assert await told(slow, Speaker("16 ", "weeks")) == "16 weeks"
    assert slow.was_let_go


async def test_a_first_one_that_speaks_before_the_second_still_answers() -> None:
    first, second = Speaker("16 ", "weeks", ready=False), Speaker("too late", ready=False)
    telling = asyncio.create_task(told(first, second))
    for _ in range(5):
        await asyncio.sleep(0)
    first.ready.set()
    assert await telling == "16 weeks"
    assert second.was_let_go


async def test_when_the_first_fails_meanwhile_the_second_answers() -> None:
    first, second = Speaker(ready=False, fails=True), Speaker("16 weeks", ready=False)
    telling = asyncio.create_task(told(first, second))
    for _ in range(5):
        await asyncio.sleep(0)
    first.ready.set()
    await asyncio.sleep(0)
    second.ready.set()
    assert await telling == "16 weeks"


async def test_when_nobody_else_can_be_asked_the_first_is_waited_for() -> None:
    slow = Speaker("16 weeks", ready=False)
    telling = asyncio.create_task(told(slow, None))
    for _ in range(5):
        await asyncio.sleep(0)
    slow.ready.set()
    assert await telling == "16 weeks"


async def test_when_both_fail_it_says_so() -> None:
    first, second = Speaker(ready=False, fails=True), Speaker(fails=True)
    first.ready.set()
    with pytest.raises(ProviderFailed):
        await told(first, second)


async def test_who_stops_listening_lets_both_go() -> None:
    first, second = Speaker("a", ready=False), Speaker("b", ready=False)
    telling = asyncio.create_task(told(first, second))
    for _ in range(5):
        await asyncio.sleep(0)
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling
    assert (first.was_let_go, second.was_let_go) == (True, True)
