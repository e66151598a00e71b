"""Token buckets and rooms in a real Redis, with the clock in the tests' hand."""

import asyncio
from collections.abc import Sequence
from itertools import count
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askacme.lib.per_loop import close_all
from askacme.lib.redis import client
from governance.gateway.limits import buckets
from governance.gateway.limits.allowance import Allowance, Share
from governance.gateway.limits.buckets import HOLD_S, MINUTE_S, Bucket, Claim, Room, claim_of

NOON_MS = 1_800_000_000_000
MINUTE_MS = MINUTE_S * 1000

pytestmark = pytest.mark.usefixtures("empty_redis")


def share(**allowed: int) -> Share:
    return Share(f"person:{uuid4()}", "person", "", Allowance(**allowed))


def claim(*shares: Share) -> Claim:
    return claim_of(str(uuid4()), shares)


async def verdicts(shares: Sequence[Share], times: int, *, now_ms: int = NOON_MS) -> list[str]:
    return [(await buckets.enter(claim(*shares), now_ms=now_ms)).verdict for _ in range(times)]


async def level(bucket: Bucket) -> float | None:
    kept = await client().hget(bucket.key, "level")
    return None if kept is None else float(kept)


# Buckets


async def test_a_full_bucket_lets_in_its_capacity_at_once_and_no_more() -> None:
    assert await verdicts([share(requests_per_minute=3)], 5) == ["admitted"] * 3 + ["spent"] * 2


async def test_a_bucket_refills_evenly() -> None:
    person = share(requests_per_minute=30)
    await verdicts([person], 30)
    assert await verdicts([person], 3, now_ms=NOON_MS + 4_000) == ["admitted", "admitted", "spent"]


async def test_a_bucket_never_holds_more_than_its_capacity() -> None:
    person = share(requests_per_minute=2)
    await verdicts([person], 1)
    assert (await verdicts([person], 5, now_ms=NOON_MS + 60 * MINUTE_MS)).count("admitted") == 2


async def test_a_clock_that_jumps_back_gives_nothing_away() -> None:
    person = share(requests_per_minute=2)
    await verdicts([person], 2)
    assert await verdicts([person], 1, now_ms=NOON_MS - MINUTE_MS) == ["spent"]


async def test_without_a_clock_of_ours_redis_own_counts() -> None:
    person = share(requests_per_day=1)
    assert await verdicts([person], 2, now_ms=0) == ["admitted", "spent"]


async def test_nothing_is_charged_when_one_bucket_of_several_refuses() -> None:
    person, team = share(requests_per_minute=30), share(requests_per_minute=1)
    await verdicts([team], 1)
    assert await verdicts([person, team], 10) == ["spent"] * 10
    assert await level(claim(person).buckets[0]) is None


async def test_nothing_is_charged_when_a_room_is_full() -> None:
    person = share(requests_per_minute=30, concurrent_runs=1)
    assert await verdicts([person], 3) == ["admitted", "occupied", "occupied"]
    assert await level(claim(person).buckets[0]) == 29


async def test_the_bucket_that_refuses_for_longest_is_named() -> None:
    person, team = share(requests_per_minute=1), share(requests_per_day=1)
    await verdicts([person, team], 1)
    refused = await buckets.enter(claim(person, team), now_ms=NOON_MS)
    assert (refused.verdict, refused.at, refused.wait_ms) == ("spent", 1, 24 * 60 * MINUTE_MS + 1)


async def test_two_hundred_at_once_against_fifty_let_in_exactly_fifty() -> None:
    person = share(requests_per_day=50)
    outcomes = await asyncio.gather(*(buckets.enter(claim(person)) for _ in range(200)))
    assert [outcome.verdict for outcome in outcomes].count("admitted") == 50


async def test_two_hundred_at_once_find_fifty_places() -> None:
    person = share(concurrent_runs=50)
    outcomes = await asyncio.gather(*(buckets.enter(claim(person)) for _ in range(200)))
    assert [outcome.verdict for outcome in outcomes].count("admitted") == 50


# Tokens


async def test_tokens_are_charged_afterwards_and_may_sink_below_zero() -> None:
    asking = claim(share(tokens_per_minute=1000))
    assert (await buckets.enter(asking, now_ms=NOON_MS)).verdict == "admitted"
    await buckets.charge(asking, 1500, now_ms=NOON_MS)
    assert await level(asking.buckets[0]) == -500
    refused = await buckets.enter(asking, now_ms=NOON_MS)
    assert (refused.verdict, refused.wait_ms) == ("spent", 30_061)  # half a minute, and one token's time
    assert (await buckets.enter(asking, now_ms=NOON_MS + 30_061)).verdict == "admitted"


async def test_charging_tokens_leaves_requests_alone() -> None:
    asking = claim(share(requests_per_minute=30, tokens_per_minute=1000))
    await buckets.charge(asking, 100, now_ms=NOON_MS)
    requests, tokens = asking.buckets
    assert (await level(requests), await level(tokens)) == (None, 900)


# Rooms


async def test_a_run_that_left_makes_room() -> None:
    person = share(concurrent_runs=1)
    await buckets.enter(first := claim(person))
    assert (await buckets.enter(claim(person))).verdict == "occupied"
    await buckets.leave(first)
    assert (await buckets.enter(claim(person))).verdict == "admitted"


async def test_a_dead_run_s_place_comes_back_by_itself() -> None:
    person = share(concurrent_runs=1)
    await buckets.enter(claim(person), now_ms=NOON_MS)
    later = NOON_MS + int(HOLD_S * 1000)
    assert HOLD_S <= 30
    assert (await buckets.enter(claim(person), now_ms=later - 1)).verdict == "occupied"
    assert (await buckets.enter(claim(person), now_ms=later)).verdict == "admitted"


async def test_a_living_run_keeps_its_place() -> None:
    person, hold_ms = share(concurrent_runs=1), int(HOLD_S * 1000)
    await buckets.enter(living := claim(person), now_ms=NOON_MS)
    await buckets.keep(living, now_ms=NOON_MS + hold_ms - 1)
    assert (await buckets.enter(claim(person), now_ms=NOON_MS + hold_ms)).verdict == "occupied"


async def test_all_keys_lie_in_one_slot_of_a_cluster_and_none_stays_for_ever() -> None:
    everyone = Share("everyone", "everyone", "", Allowance(requests_per_day=9, concurrent_runs=1))
    person = share(requests_per_minute=30, tokens_per_day=5, concurrent_runs=2)
    for _ in range(2):
        await buckets.enter(claim(person, everyone))
    keys = [str(key) for key in await client().keys("*")]
    assert len(keys) == 7
    assert all(key.startswith("{limits}:") for key in keys)
    assert all([await client().pttl(key) > 0 for key in keys])


# For all sequences


@settings(max_examples=40, deadline=None)
@given(
    capacity=st.integers(1, 20),
    window_s=st.sampled_from([60, 24 * 60 * 60]),
    pauses=st.lists(
        st.tuples(st.one_of(st.integers(0, 50), st.integers(0, 100_000)), st.booleans()), min_size=1, max_size=60
    ),
)
def test_no_sequence_of_calls_gets_more_than_capacity_plus_rate_times_time(
    capacity: int, window_s: int, pauses: list[tuple[int, bool]]
) -> None:
    admitted = asyncio.run(times_admitted(capacity, window_s, pauses))
    for i, start in enumerate(admitted):
        for n, end in zip(count(1), admitted[i:], strict=False):
            assert n <= capacity + (end - start) * capacity / (window_s * 1000) + 1e-6


async def times_admitted(capacity: int, window_s: int, pauses: list[tuple[int, bool]]) -> list[int]:
    """When a caller was let in who asks after each pause of so many ms and, if patient, after the wait it was told."""
    bucket = Bucket(share(), "requests", capacity, window_s)
    now_ms, admitted = NOON_MS, []
    try:
        for pause_ms, is_patient in pauses:
            now_ms += pause_ms
            outcome = await buckets.enter(Claim(str(uuid4()), (bucket,)), now_ms=now_ms)
            if outcome.verdict == "spent" and is_patient:
                now_ms += outcome.wait_ms
                outcome = await buckets.enter(Claim(str(uuid4()), (bucket,)), now_ms=now_ms)
                assert outcome.verdict == "admitted", "the time told was too short"
            if outcome.verdict == "admitted":
                admitted.append(now_ms)
        return admitted
    finally:
        await close_all()


@settings(max_examples=25, deadline=None)
@given(
    size=st.integers(1, 4),
    moves=st.lists(st.tuples(st.sampled_from(["enter", "leave", "keep", "die"]), st.integers(0, 9)), max_size=40),
)
def test_a_room_never_holds_more_than_its_size(size: int, moves: list[tuple[str, int]]) -> None:
    asyncio.run(play(size, moves))


async def play(size: int, moves: list[tuple[str, int]]) -> None:
    """Ten runs come, live, leave and die in any order; beside Redis a set says who is in."""
    room, inside, now_ms = Room(share(), size), dict[int, int](), NOON_MS
    claims = {n: Claim(f"run-{n}", rooms=(room,)) for n in range(10)}
    hold_ms = int(HOLD_S * 1000)
    try:
        for move, n in moves:
            now_ms += 1000
            if move == "die":
                now_ms += hold_ms
            inside = {run: until for run, until in inside.items() if until > now_ms}
            if move == "enter" and n not in inside:
                outcome = await buckets.enter(claims[n], now_ms=now_ms)
                assert (outcome.verdict == "admitted") == (len(inside) < size)
                if outcome.verdict == "admitted":
                    inside[n] = now_ms + hold_ms
            elif move == "keep" and n in inside:
                await buckets.keep(claims[n], now_ms=now_ms)
                inside[n] = now_ms + hold_ms
            elif move == "leave":
                await buckets.leave(claims[n])
                inside.pop(n, None)
            assert len(inside) <= size
    finally:
        await close_all()
