"""
Before and after each call: may it go to this deployment now, and how did it go?

One atomic Redis script each, shared by all processes, holds together the circuit breaker (closed, open, half-open with
one probe), the pause that a provider asked for, its limits a minute and at once, and the line of those who wait.
Without Redis every call goes: an answer is worth more than a breaker.

Breaker as in M. Nygard, Release It!, and its cool-down doubling from 5 s to 60 s; pace by token buckets.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from redis.exceptions import RedisError

from askacme.lib.redis import Script
from governance.gateway.registry import Allowance, Deployment

logger = logging.getLogger(__name__)

PATIENCE_S = 0.5
"""How long Redis may take: a slow breaker is worse than none."""

CALL_LIFE_S = 90.0
"""When a call that gives no sign of life stops counting as one that is out: its process died."""

PROBE_LIFE_S = 45.0
"""How long the others wait for the one call that tries a broken deployment."""

FAILURES_IN_A_ROW = 5
LEAST_CALLS, FAILING_SHARE = 20, 0.5
"""The breaker opens after so many failures in a row, or when of so many calls in 30 s this share failed."""

COOL_DOWN_S, LONGEST_COOL_DOWN_S = 5, 60

UNPROVEN_AT_ONCE = 6
"""
How many calls are out at once to a deployment that has not answered in five minutes, while there is another one.

Otherwise all that begin at the same moment would run into a dead provider before its first failure is known.
"""

RETRY_SHARE, MOST_RETRIES = 0.2, 20
"""A retry of the same deployment is paid for by five first tries; so many may come in a burst."""

CLEAR_FOR_S = 0.25
"""
How long a process goes on without asking, once a call was let through or went well and nothing failed since.

Asking takes a third of a millisecond, which many calls at once would spend one after the other. Only for deployments
without limits: those count every call.
"""

_here = Path(__file__).parent
_admit = Script(_here / "admit.lua")
_report = Script(_here / "report.lua")
_spend_retry = Script(_here / "spend_retry.lua")

Outcome = Literal["good", "bad", "neither"]


class _Clear:
    """Which deployments this process need not ask about right now."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def __contains__(self, deployment: Deployment) -> bool:
        return time.monotonic() < self._until.get(deployment.id, 0.0)

    def note(self, deployment: Deployment, *, is_clear: bool) -> None:
        if is_clear and deployment.allowance == Allowance():
            self._until[deployment.id] = time.monotonic() + CLEAR_FOR_S
        else:
            self._until.pop(deployment.id, None)

    def forget(self) -> None:
        self._until.clear()


_clear = _Clear()


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    `go` and `probe`: call now. `open`: broken, try another. `unproven`: let the first calls show that it lives.
    `wait`: its limits are reached for `wait_s`; whoever stands in line has the place `place`, from 1.
    """

    word: Literal["go", "probe", "open", "unproven", "wait"]
    wait_s: float = 0.0
    place: int = 0
    is_proven: bool = True

    @property
    def may_go(self) -> bool:
        return self.word in {"go", "probe"}


async def admit(
    deployment: Deployment, call_id: str, *, tokens: int, is_last_resort: bool, in_line: bool = False
) -> Verdict:
    """Ask for leave to call. `tokens` is what the call is expected to use; `in_line` keeps a place until it goes."""
    if deployment in _clear:
        return Verdict("go")
    allowance = deployment.allowance
    arguments = (
        call_id,
        int(in_line),
        tokens,
        allowance.requests_per_minute or 0,
        allowance.tokens_per_minute or 0,
        allowance.max_concurrent or 0,
        0 if is_last_resort else UNPROVEN_AT_ONCE,
        round(CALL_LIFE_S * 1000),
        round(PROBE_LIFE_S * 1000),
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            word, wait_ms, place, proven = await _admit(keys_of(deployment.id), arguments)
    except asyncio.CancelledError:  # Redis may have let it go already
        await asyncio.shield(report(deployment, call_id, "neither", refund=tokens, is_retry=True))
        raise
    except (RedisError, TimeoutError) as error:
        logger.warning("The breaker can't be asked (%s): the call goes", type(error).__name__)
        return Verdict("go")
    _clear.note(deployment, is_clear=word == "go" and bool(proven))
    return Verdict(word, wait_ms / 1000, place, bool(proven))


async def began(deployment: Deployment, call_id: str) -> None:
    """The first token is there: the deployment lives."""
    await _tell(deployment, (call_id, "began", 0, 0), earned=0)


async def beat(deployment: Deployment, call_id: str) -> None:
    """The call is still out."""
    await _tell(deployment, (call_id, "beat", round(CALL_LIFE_S * 1000), 0), earned=0)


async def report(
    deployment: Deployment,
    call_id: str,
    outcome: Outcome,
    *,
    pause_s: float = 0.0,
    refund: int = 0,
    is_retry: bool = False,
) -> None:
    """How the call went; `refund` tokens fewer than expected were used."""
    _clear.note(deployment, is_clear=outcome == "good" and not pause_s)
    earned = 0 if is_retry else RETRY_SHARE
    await _tell(deployment, (call_id, outcome, round(pause_s * 1000), refund), earned=earned)


def forget() -> None:
    """For tests and benches that empty Redis."""
    _clear.forget()


async def may_retry(deployment: Deployment) -> bool:
    """Whether the retry budget still has one; retries must never multiply what hurts the provider already."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return bool(await _spend_retry(keys_of(deployment.id)[:1], (MOST_RETRIES,)))
    except (RedisError, TimeoutError):
        return True


async def _tell(deployment: Deployment, what: Sequence[str | int], *, earned: float) -> None:
    rule = (FAILURES_IN_A_ROW, LEAST_CALLS, FAILING_SHARE, COOL_DOWN_S * 1000, LONGEST_COOL_DOWN_S * 1000)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _report(keys_of(deployment.id)[:2], (*what, *rule, earned, MOST_RETRIES))
    except (RedisError, TimeoutError) as error:
        logger.warning("The breaker can't be told (%s)", type(error).__name__)


def keys_of(deployment_id: str) -> list[str]:
    """In braces what a Redis cluster keeps together."""
    return [f"gate:{{{deployment_id}}}:{part}" for part in ("state", "flight", "line", "seen")]
