"""
Letting runs in, and out again.

The limits fail open: while Redis is down or slow, questions are answered without them, for an answer is worth more
than a limit, and what it may cost is held by the budgets in PostgreSQL. Each time leaves one line in the log.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from django.conf import settings
from redis.exceptions import RedisError

from askacme.lib.per_loop import close_all
from askacme.lib.threads import in_thread
from governance.gateway.limits import buckets
from governance.gateway.limits.allowance import shares_of
from governance.gateway.limits.buckets import Claim, claim_of
from governance.gateway.limits.refusals import busy, refusal

logger = logging.getLogger(__name__)

T = TypeVar("T")

REDIS_PATIENCE_S = 0.5
BEAT_S = 5.0
QUEUE_PATIENCE_S = 60.0
QUEUE_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Admission:
    """A run that was let in. `place` is where it stands in the queue for a free place; 0: it may run."""

    claim: Claim
    place: int = 0


def unlimited(run_id: str) -> Admission:
    return Admission(Claim(run_id))


async def admit(*, user_id: int, group_ids: tuple[int, ...], run_id: str) -> Admission:
    """
    Let a question in, or say why not. A question that is refused uses up nothing.

    When only the places of everyone together are taken, the run gets a place in their queue: `wait_for_place`.

    Raises RateLimited.
    """
    if settings.ASKACME.rate_limits == "off":
        return unlimited(run_id)
    claim = claim_of(run_id, await in_thread(shares_of, user_id, group_ids))
    outcome = await unless_redis_fails(buckets.enter(claim), claim)
    if outcome is None:
        return unlimited(run_id)
    if outcome.verdict in {"admitted", "queued"}:
        return Admission(claim, outcome.place)
    raise refusal(claim, outcome)


async def wait_for_place(
    admission: Admission, *, patience_s: float = QUEUE_PATIENCE_S, poll_s: float = QUEUE_POLL_S
) -> AsyncGenerator[int]:
    """
    The run's place in the queue, again and again, until the run may begin: no place at all when it need not wait.

    Raises RateLimited when the patience is at its end.
    """
    if not admission.place:
        return
    deadline = asyncio.get_running_loop().time() + patience_s
    place = admission.place
    while True:
        yield place
        if asyncio.get_running_loop().time() >= deadline:
            raise busy("Very many people are asking right now, and no place became free in time.")
        await asyncio.sleep(poll_s)
        outcome = await unless_redis_fails(buckets.advance(admission.claim), admission.claim)
        if outcome is None or outcome.verdict == "admitted":
            return
        place = outcome.place


async def admit_in_turn(*, user_id: int, group_ids: tuple[int, ...]) -> Admission:
    """
    Let in what is no question but costs as much as one, a search say, once a place is free; then hold it.

    Raises RateLimited.
    """
    admission = await admit(user_id=user_id, group_ids=group_ids, run_id=str(uuid4()))
    try:
        async with aclosing(wait_for_place(admission)) as places:
            async for _ in places:
                pass
    except BaseException:
        await leave(admission)
        raise
    return admission


@contextmanager
def counting_as_question(*, user_id: int, group_ids: tuple[int, ...]) -> Iterator[None]:
    """
    The same for synchronous code. Gives no signs of life: for what takes less than `buckets.HOLD_S`.

    Raises RateLimited.
    """
    admission = asyncio.run(_alone(admit_in_turn(user_id=user_id, group_ids=group_ids)))
    try:
        yield
    finally:
        asyncio.run(_alone(leave(admission)))


async def _alone(step: Awaitable[T]) -> T:
    """In a loop of its own, which leaves no connection open."""
    try:
        return await step
    finally:
        await close_all()


@asynccontextmanager
async def holding(admission: Admission) -> AsyncIterator[None]:
    """Keeps the run's places by signs of life, and leaves them in the end."""
    beats = asyncio.create_task(_beat(admission))
    try:
        yield
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats
        await leave(admission)


async def refresh(admission: Admission) -> None:
    if not admission.claim.is_free:
        await unless_redis_fails(buckets.keep(admission.claim), admission.claim)


async def leave(admission: Admission) -> None:
    """Free the run's places, for the next."""
    if not admission.claim.is_free:
        await unless_redis_fails(buckets.leave(admission.claim), admission.claim)


async def charge(admission: Admission, *, tokens: int) -> None:
    """Count what the answer used; the next question of whoever is below zero is refused."""
    if tokens and any(bucket.counted == "tokens" for bucket in admission.claim.buckets):
        await unless_redis_fails(buckets.charge(admission.claim, tokens), admission.claim)


async def _beat(admission: Admission) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        await refresh(admission)


async def unless_redis_fails(step: Awaitable[T], claim: Claim) -> T | None:
    """The step's result; None when Redis did not do it in time."""
    try:
        async with asyncio.timeout(REDIS_PATIENCE_S):
            return await step
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("The limits do not count run %s: Redis does not answer (%r)", claim.run_id, error)
        return None
