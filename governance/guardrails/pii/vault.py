"""
The values behind placeholders, for a day: sealed, in Redis, by conversation.

Any process can give them back to the person who wrote them. When Redis doesn't answer, placeholders stay: an answer
never waits for it.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache

import redis
from django.conf import settings

from askacme.lib.sealed import Unreadable, seal, unseal
from governance.access.audience import Audience
from governance.access.models import User
from governance.guardrails.pii.entities import PLACEHOLDER
from governance.guardrails.pii.mask import mask
from governance.guardrails.policy import Policy, policy_for

logger = logging.getLogger(__name__)

LIFE = timedelta(hours=24)
TIMEOUT_S = 2.0
NOTHING: Mapping[str, str] = {}


def hide(text: str, *, scope: str, policy: Policy) -> str:
    """
    The text as it may be stored. Its values are kept for who wrote them, where the policy says so.

    `scope` is the conversation's id. Raises GuardUnavailable: then nothing may be stored.
    """
    masked = mask(text, scope=scope, policy=policy)
    if policy.is_reversible:
        keep(scope, masked.values)
    return masked.text


def hide_of(user: User, text: str, *, scope: str) -> str:
    """As `hide`, under the policy of the person who wrote the text."""
    return hide(text, scope=scope, policy=policy_for(frozenset(Audience.of(user).group_ids))) if text else ""


def keep(scope: str, values: Mapping[str, str]) -> None:
    """Beside those that are kept already; the end of all of them moves."""
    if not values:
        return
    try:
        with client().pipeline() as pipe:
            for placeholder, value in values.items():
                pipe.hset(key_of(scope), placeholder, seal(value))
            pipe.expire(key_of(scope), LIFE)
            pipe.execute()
    except redis.RedisError as error:
        logger.warning("The values behind placeholders were not kept (%s)", type(error).__name__)


def values_of(scope: str) -> Mapping[str, str]:
    """By placeholder; none after their end, for an unknown scope, and while Redis does not answer."""
    try:
        sealed = client().hgetall(key_of(scope))
    except redis.RedisError as error:
        logger.warning("The values behind placeholders can't be read (%s)", type(error).__name__)
        return NOTHING
    try:
        return {str(placeholder): unseal(str(token)) for placeholder, token in sealed.items()}
    except Unreadable:
        return NOTHING


def values_for(scope: str, *texts: str) -> Mapping[str, str]:
    """As `values_of`, but Redis is asked only when one of the texts has a placeholder."""
    return values_of(scope) if any(PLACEHOLDER.search(text) for text in texts) else NOTHING


def forget(scopes: Iterable[str]) -> None:
    """With the conversation its values go. They end by themselves where Redis does not answer."""
    try:
        if keys := [key_of(scope) for scope in scopes]:
            client().delete(*keys)
    except redis.RedisError as error:
        logger.warning("The values behind placeholders end by themselves (%s)", type(error).__name__)


def key_of(scope: str) -> str:
    return f"hidden:{scope}"


@cache
def client() -> redis.Redis:
    """One pool of connections for the threads of this process."""
    return redis.Redis.from_url(
        settings.REDIS_URL, decode_responses=True, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
    )
