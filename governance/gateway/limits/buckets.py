"""
The counting, in Redis: token buckets, rooms of running answers, and the queue before the hall of everyone's answers.

`buckets.lua` explains the words and does each step at once. All keys carry the hash tag `{limits}`: they lie in one
slot of a Redis cluster, as a script needs. Everything here raises what the Redis client raises, and takes as long as
Redis takes; `services` bounds the time.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis

from askacme.lib.per_loop import PerLoop
from governance.gateway.limits.allowance import Share

SCRIPT = Path(__file__).with_name("buckets.lua").read_text(encoding="utf-8")
PREFIX = "{limits}"

HOLD_S = 20.0
"""A run that gave no sign of life for so long is dead, and its places are free."""
TICKET_S = 10.0
"""The same for a run that waits in the queue: the dead in front of it must not keep it waiting."""
LONGEST_QUEUE = 200

Counted = Literal["requests", "tokens"]
Verdict = Literal["admitted", "queued", "spent", "occupied", "full"]
Step = Literal["admit", "advance", "keep", "charge"]

MINUTE_S, DAY_S = 60, 24 * 60 * 60


def _make() -> Redis:
    """
    A client of our own: the site's connections may all be in the hands of those who follow answers.

    A crowd waits for one of a few connections, each of which is needed for less than a millisecond.
    """
    pool = BlockingConnectionPool.from_url(
        settings.REDIS_URL,
        max_connections=16,
        timeout=5,
        decode_responses=True,
        protocol=2,
        socket_connect_timeout=5,
        socket_timeout=5,
    )
    return Redis.from_pool(pool)


_clients = PerLoop(_make, Redis.aclose)


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many in so many seconds: full at first, refilled evenly, never above `capacity`."""

    share: Share
    counted: Counted
    capacity: int
    window_s: int

    @property
    def key(self) -> str:
        return f"{PREFIX}:{self.share.key}:{self.counted}:{self.window_s}"


@dataclass(frozen=True, slots=True)
class Room:
    """At most `size` answers at the same time."""

    share: Share
    size: int

    @property
    def key(self) -> str:
        return f"{PREFIX}:{self.share.key}:running"


@dataclass(frozen=True, slots=True)
class Claim:
    """All that must let one run in. `hall` is the room of everyone together; None: it is endless."""

    run_id: str
    buckets: tuple[Bucket, ...] = ()
    rooms: tuple[Room, ...] = ()
    hall: Room | None = None

    @property
    def is_free(self) -> bool:
        """Nothing limits it."""
        return not (self.buckets or self.rooms or self.hall)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of a claim.

    `at` is the place in the tuple of buckets (`spent`) or rooms (`occupied`) of the one that refused for longest;
    `wait_ms` when a bucket will let in; `place` counts from 1, the head of the queue.
    """

    verdict: Verdict
    at: int = 0
    wait_ms: int = 0
    place: int = 0


def claim_of(run_id: str, shares: Iterable[Share]) -> Claim:
    shares = list(shares)
    rooms = [Room(share, size) for share in shares if (size := share.allowance.concurrent_runs) is not None]
    return Claim(
        run_id,
        buckets=tuple(bucket for share in shares for bucket in buckets_of(share)),
        rooms=tuple(room for room in rooms if room.share.who != "everyone"),
        hall=next((room for room in rooms if room.share.who == "everyone"), None),
    )


def buckets_of(share: Share) -> tuple[Bucket, ...]:
    allowed = share.allowance
    limits: list[tuple[Counted, int | None, int]] = [
        ("requests", allowed.requests_per_minute, MINUTE_S),
        ("requests", allowed.requests_per_day, DAY_S),
        ("tokens", allowed.tokens_per_minute, MINUTE_S),
        ("tokens", allowed.tokens_per_day, DAY_S),
    ]
    return tuple(
        Bucket(share, counted, capacity, window_s) for counted, capacity, window_s in limits if capacity is not None
    )


async def enter(claim: Claim, *, now_ms: int = 0) -> Outcome:
    """
    Let the run in, everywhere or nowhere: one request from each bucket of requests, one place in each room.

    Buckets of tokens must hold something; what the answer used is charged afterwards. `queued`: only the hall is full.
    `now_ms` takes the place of Redis' own clock, for tests.
    """
    charges = [1 if bucket.counted == "requests" else 0 for bucket in claim.buckets]
    return await step("admit", claim, charges, now_ms=now_ms)


async def advance(claim: Claim, *, now_ms: int = 0) -> Outcome:
    """A queued run's sign of life: `admitted` when it is its turn, or its place."""
    return await step("advance", claim, now_ms=now_ms)


async def keep(claim: Claim, *, now_ms: int = 0) -> None:
    """A running answer's sign of life: its places are kept for another `HOLD_S`."""
    await step("keep", claim, now_ms=now_ms)


async def charge(claim: Claim, tokens: int, *, now_ms: int = 0) -> None:
    """Take what the answer used from the buckets of tokens, which may sink below zero."""
    of_tokens = tuple(bucket for bucket in claim.buckets if bucket.counted == "tokens")
    await step("charge", Claim(claim.run_id, of_tokens), [tokens] * len(of_tokens), now_ms=now_ms)


async def leave(claim: Claim) -> None:
    """Free the run's places, and its place in the queue."""
    async with _clients.get().pipeline(transaction=False) as pipe:
        for key in [*queue_keys(), *(room.key for room in claim.rooms)]:
            pipe.zrem(key, claim.run_id)
        await pipe.execute()


async def step(op: Step, claim: Claim, charges: Iterable[int] = (), *, now_ms: int = 0) -> Outcome:
    ask = {
        "op": op,
        "run": claim.run_id,
        "now_ms": now_ms,
        "hold_ms": int(HOLD_S * 1000),
        "ticket_ms": int(TICKET_S * 1000),
        "longest": LONGEST_QUEUE,
        "hall": claim.hall.size if claim.hall else 0,
        "rooms": [room.size for room in claim.rooms],
        "buckets": [
            {"capacity": bucket.capacity, "window_ms": bucket.window_s * 1000, "charge": charged}
            for bucket, charged in zip(claim.buckets, charges, strict=False)
        ],
    }
    keys = [*queue_keys(), *(room.key for room in claim.rooms), *(bucket.key for bucket in claim.buckets)]
    verdict, which, number = await _clients.get().register_script(SCRIPT)(keys, [json.dumps(ask)])
    return outcome_of(cast("Verdict", verdict), int(which), int(number))


def outcome_of(verdict: Verdict, which: int, number: int) -> Outcome:
    """The script counts from 1, and says one number: a time or a place."""
    if verdict == "queued":
        return Outcome(verdict, place=number)
    return Outcome(verdict, at=max(0, which - 1), wait_ms=number)


def queue_keys() -> tuple[str, str, str]:
    """The hall, its queue, the queue's signs of life."""
    return f"{PREFIX}:everyone:running", f"{PREFIX}:everyone:queue", f"{PREFIX}:everyone:queue:signs"
