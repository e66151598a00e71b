"""The queue for a free place when everyone together has too many answers running."""

from uuid import uuid4

import pytest

from askacme.lib.errors import RateLimited
from governance.gateway.limits import buckets, services
from governance.gateway.limits.allowance import Allowance, Share
from governance.gateway.limits.buckets import HOLD_S, LONGEST_QUEUE, TICKET_S, Claim, claim_of
from governance.gateway.limits.services import Admission

pytestmark = pytest.mark.usefixtures("empty_redis")

NOON_MS = 1_800_000_000_000


def claim(size: int = 1, *, run_id: str = "") -> Claim:
    everyone = Share("everyone", "everyone", "", Allowance(concurrent_runs=size))
    return claim_of(run_id or str(uuid4()), [everyone])


async def place_of(waiting: Claim, *, now_ms: int = 0) -> int:
    return (await buckets.advance(waiting, now_ms=now_ms)).place


async def queue_of(length: int, *, size: int = 1, now_ms: int = 0) -> tuple[list[Claim], list[Claim]]:
    """Who is in, and who waits, in the order in which they came."""
    inside, waiting = [claim(size) for _ in range(size)], [claim(size) for _ in range(length)]
    for each in inside:
        assert (await buckets.enter(each, now_ms=now_ms)).verdict == "admitted"
    for each in waiting:
        assert (await buckets.enter(each, now_ms=now_ms)).verdict == "queued"
    return inside, waiting


async def test_whoever_comes_later_stands_further_back() -> None:
    _, waiting = await queue_of(3)
    assert [await place_of(each) for each in waiting] == [1, 2, 3]


async def test_places_go_down_and_the_first_to_come_is_the_first_to_enter() -> None:
    (first,), waiting = await queue_of(3)
    leaving = first
    for turn in range(3):
        await buckets.leave(leaving)
        assert [await place_of(each) for each in waiting[turn + 1 :]] == list(range(2, 4 - turn))
        assert (await buckets.advance(waiting[turn])).verdict == "admitted"
        leaving = waiting[turn]


async def test_a_newcomer_does_not_pass_those_who_wait() -> None:
    (first,), (second,) = await queue_of(1)
    await buckets.leave(first)
    assert (await buckets.enter(newcomer := claim())).verdict == "queued"
    assert await place_of(newcomer) == 2
    assert (await buckets.advance(second)).verdict == "admitted"


async def test_two_free_places_let_two_in_whoever_asks_first() -> None:
    inside, (first, second, third) = await queue_of(3, size=2)
    for each in inside:
        await buckets.leave(each)
    assert (await buckets.advance(third)).place == 3
    assert (await buckets.advance(second)).verdict == "admitted"
    assert (await buckets.advance(third)).place == 2
    assert (await buckets.advance(first)).verdict == "admitted"


async def test_entering_once_more_changes_nothing() -> None:
    (first,), _ = await queue_of(1)
    assert (await buckets.advance(first)).verdict == "admitted"


async def test_the_dead_in_the_queue_hold_nobody_up() -> None:
    (first,), (_dead, living) = await queue_of(2, now_ms=NOON_MS)
    before, after = NOON_MS + int(TICKET_S * 1000) - 1, NOON_MS + int(TICKET_S * 1000)
    assert await place_of(living, now_ms=before) == 2
    await buckets.leave(first)
    assert (await buckets.advance(living, now_ms=after)).verdict == "admitted"


async def test_the_dead_inside_make_room() -> None:
    _, (waiting,) = await queue_of(1, now_ms=NOON_MS)
    later = NOON_MS + int(HOLD_S * 1000)
    assert (await buckets.advance(waiting, now_ms=later)).verdict == "admitted"


async def test_signs_of_life_do_not_take_a_waiting_run_past_the_queue() -> None:
    _, (waiting,) = await queue_of(1)
    await buckets.keep(waiting)
    assert await place_of(waiting) == 1


async def test_whoever_leaves_the_queue_makes_the_others_move_up() -> None:
    _, (first, second) = await queue_of(2)
    await buckets.leave(first)
    assert await place_of(second) == 1


async def test_the_longest_queue_takes_nobody_more() -> None:
    await queue_of(LONGEST_QUEUE)
    assert (await buckets.enter(claim())).verdict == "full"


# Waiting


async def test_who_need_not_wait_is_told_no_place() -> None:
    assert [place async for place in services.wait_for_place(Admission(claim()))] == []


async def test_the_place_is_told_until_it_is_the_run_s_turn() -> None:
    (inside,), (head, tail) = await queue_of(2)
    places = services.wait_for_place(Admission(tail, 2), poll_s=0)
    assert await anext(places) == 2
    await buckets.leave(inside)
    await buckets.advance(head)
    assert await anext(places) == 1
    await buckets.leave(head)
    assert await anext(places, None) is None


async def test_patience_ends_with_a_sentence() -> None:
    _, (waiting,) = await queue_of(1)
    with pytest.raises(RateLimited, match=r"no place became free in time\. Please ask again in 30 seconds\."):
        async for _ in services.wait_for_place(Admission(waiting, 1), patience_s=0):
            pass
