"""Reading a run from any event on, here and elsewhere, whatever happens to Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from django.conf import settings
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import ConnectionError  # noqa: A004

from askacme.lib.redis import client
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.runs import ship as shipping
from chat.runs.events import Event, before
from chat.runs.follow import follow
from chat.runs.ship import ship, stream_key
from chat.runs.tail import Tail, close_tail, open_tail
from governance.access.models import User
from tests.chat.rows import make_conversation, make_running

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = ["Sixteen ", "weeks ", "[1]. ", "Ask ", "HR ", "early."]


@pytest.fixture
async def message(ana: User) -> Message:
    return await in_thread(make_running, await in_thread(make_conversation, ana))


@pytest.fixture
def redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL)


def tell(tail: Tail) -> None:
    """A whole answer."""
    tail.append("status", {"stage": "writing"})
    for word in WORDS:
        tail.append("delta", {"text": word})
    tail.append("done", {"answer": "".join(WORDS)})


async def shipped(message: Message, tail: Tail, *, attempt: int = 1) -> bool:
    """Leave the stream behind, as a process that has made the answer."""
    close_tail(message.request_id, tail)
    return await ship(message.request_id, attempt, tail)


async def told(message: Message, after: int = 0) -> list[Event]:
    return [event async for event in follow(message.request_id, after=after)]


def text_of(events: list[Event]) -> str:
    """What a reader has in the end."""
    text = ""
    for event in events:
        if event.type in {"delta", "reset"}:
            text = event.data["text"] if event.type == "reset" else text + event.data["text"]
    return text


@pytest.mark.parametrize("place", ["here", "elsewhere"])
async def test_cut_after_any_event_a_reader_gets_the_rest_and_nothing_twice(message: Message, place: str) -> None:
    tail = open_tail(message.request_id, attempt=1)
    tell(tail)
    if place == "elsewhere":
        await shipped(message, tail)
    whole = await told(message)
    for cut in range(len(whole)):
        assert whole[:cut] + await told(message, after=cut) == whole
    assert text_of(whole) == "".join(WORDS)
    close_tail(message.request_id, tail)


async def test_a_reader_elsewhere_follows_live(message: Message) -> None:
    tail = Tail(1)  # not opened: as if this were another process than the one that makes the answer
    going = asyncio.create_task(ship(message.request_id, 1, tail))
    tail.append("delta", {"text": "Sixteen "})
    reading = asyncio.create_task(told(message))
    for word in WORDS[1:]:
        tail.append("delta", {"text": word})
        await asyncio.sleep(0)
    tail.append("done", {})
    tail.end()
    assert text_of(await asyncio.wait_for(reading, 10)) == "".join(WORDS)
    assert await going


async def test_a_redis_that_lost_everything_gets_the_whole_answer_again(message: Message, redis: Redis) -> None:
    tail = Tail(1)
    going = asyncio.create_task(ship(message.request_id, 1, tail))
    tail.append("delta", {"text": WORDS[0]})
    async for event in follow(message.request_id):
        assert event.data["text"] == WORDS[0]
        break
    redis.delete(stream_key(message.request_id))
    for word in WORDS[1:]:
        tail.append("delta", {"text": word})
    tail.append("done", {})
    tail.end()
    assert await going
    assert text_of(await told(message)) == "".join(WORDS)


async def test_an_answer_does_not_wait_for_a_redis_that_is_down(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads in the same process sees all of it; the stream is written once Redis is back."""
    down = True
    append = shipping.append

    async def failing(*arguments: object) -> object:
        if down:
            raise ConnectionError("Redis went away")
        return await append(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(shipping, "append", failing)
    tail = open_tail(message.request_id, attempt=1)
    going = asyncio.create_task(ship(message.request_id, 1, tail))
    tell(tail)
    assert text_of(await asyncio.wait_for(told(message), 5)) == "".join(WORDS)
    down = False
    close_tail(message.request_id, tail)
    assert await going
    assert text_of(await told(message)) == "".join(WORDS)


async def test_while_redis_is_away_a_reader_elsewhere_sees_the_stored_text_and_then_the_live_one(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    tail = open_tail(message.request_id, attempt=1)
    tell(tail)
    await shipped(message, tail)
    away = AsyncRedis(host="127.0.0.1", port=1)
    monkeypatch.setattr("chat.runs.follow.client", lambda: away)
    await Message.objects.filter(pk=message.pk).aupdate(answer="Sixteen ")
    events: AsyncIterator[Event] = follow(message.request_id, after=2)
    first = await anext(events)
    assert (first.type, first.data["text"]) == ("reset", "Sixteen ")
    monkeypatch.setattr("chat.runs.follow.client", client)
    rest = [event async for event in events]
    assert text_of([first, *rest]) == "".join(WORDS)
    await away.aclose()


async def test_when_a_run_is_over_and_its_events_are_gone_the_reader_is_let_go(message: Message) -> None:
    await Message.objects.filter(pk=message.pk).aupdate(state="done", status="success", answer="Sixteen weeks.")
    assert await told(message) == []


async def test_a_process_that_was_overtaken_cannot_write_into_the_stream(message: Message) -> None:
    old, new = Tail(1), Tail(2)
    old.append("delta", {"text": "Sixt"})
    old.end()
    assert await ship(message.request_id, 1, old)
    new.append("reset", {"text": ""})
    tell(new)
    new.end()
    assert await ship(message.request_id, 2, new)
    old.append("delta", {"text": "een zombies"})
    assert not await ship(message.request_id, 1, old)
    events = await told(message)
    assert text_of(events) == "".join(WORDS)
    assert [event.seq for event in events] == list(range(before(2) + 1, before(2) + 1 + len(events)))


async def test_a_slow_reader_holds_nobody_up(message: Message) -> None:
    tail = open_tail(message.request_id, attempt=1)
    slow = follow(message.request_id)
    tell(tail)
    assert (await anext(slow)).seq == 1
    assert text_of(await asyncio.wait_for(told(message), 5)) == "".join(WORDS)
    assert text_of([event async for event in slow]) == "".join(WORDS)
    close_tail(message.request_id, tail)
