"""How the breakers stand, for the console: read without changing anything."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import redis
from django.conf import settings

from governance.gateway.resilience.gate import keys_of

TIMEOUT_S = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """`word`: "closed", "open", "half-open" or "paused"; `for_s` is how long it stays so."""

    word: str
    for_s: int = 0


def standings(deployment_ids: Sequence[str]) -> dict[str, Standing]:
    """By deployment id; none when Redis does not answer."""
    try:
        with (
            redis.Redis.from_url(
                settings.REDIS_URL, decode_responses=True, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
            ) as client,
            client.pipeline(transaction=False) as pipe,
        ):
            for name in deployment_ids:
                pipe.hmget(keys_of(name)[0], "open_until", "opened", "paused_until")
            return {
                name: standing_of(*(int(float(value or 0)) for value in values))
                for name, values in zip(deployment_ids, pipe.execute(), strict=True)
            }
    except redis.RedisError:
        return {}


def forget_standings(deployment_ids: Sequence[str]) -> None:
    """Close the breakers and forget pauses; a Redis that does not answer keeps them."""
    with (
        suppress(redis.RedisError),
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S) as client,
    ):
        for name in deployment_ids:
            client.delete(keys_of(name)[0])


def standing_of(open_until: int, opened: int, paused_until: int) -> Standing:
    now = time.time() * 1000
    if open_until > now:
        return Standing("open", round((open_until - now) / 1000))
    if opened:
        return Standing("half-open")
    if paused_until > now:
        return Standing("paused", round((paused_until - now) / 1000))
    return Standing("closed")
