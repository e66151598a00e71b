"""Open tabs: what they need again and again, and temporary conversations that the last of them has left."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from redis.exceptions import RedisError

from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation
from chat.conversations.services import leave_temporary

logger = logging.getLogger(__name__)

EVERY_S = 20.0
LEFT_AFTER_S = 60.0
"""A reload, or a network that comes and goes, takes less."""
UNUSED_FOR = timedelta(seconds=2 * EVERY_S)
JOINED_WITHIN_S = 1.0

_leaving: set[asyncio.Task[None]] = set()


async def join(layer: Any, group: str, channel: str) -> None:
    """Without Redis a tab hears nothing of the others, but shows its own answers."""
    try:
        async with asyncio.timeout(JOINED_WITHIN_S):
            await layer.group_add(group, channel)
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("A tab could not join %s (%r)", group, error)


async def part(layer: Any, group: str, channel: str) -> None:
    with suppress(RedisError, OSError, TimeoutError):
        async with asyncio.timeout(JOINED_WITHIN_S):
            await layer.group_discard(group, channel)


async def stay(
    layer: Any,
    group: str,
    channel: str,
    conversation_id: UUID,
    *,
    is_temporary: bool,
    may_stay: Callable[[], Awaitable[bool]],
    every_s: float = EVERY_S,
) -> None:
    """
    Join again and again: a Redis that was restarted has forgotten who listens.

    Runs until it is cancelled, or the tab may not stay: who only listens is asked nothing else.
    """
    while True:
        await asyncio.sleep(every_s)
        if not await may_stay():
            return
        await join(layer, group, channel)
        if is_temporary:
            await in_thread(touch, conversation_id)


def touch(conversation_id: UUID) -> None:
    """Somebody looks at it."""
    Conversation.objects.filter(pk=conversation_id, is_temporary=True).update(updated_at=timezone.now())


def leave(conversation_id: UUID) -> None:
    """A tab of a temporary conversation is closed: without another one it is deleted in a minute."""
    task = asyncio.create_task(_leave(conversation_id))
    _leaving.add(task)
    task.add_done_callback(_leaving.discard)


async def _leave(conversation_id: UUID) -> None:
    await asyncio.sleep(LEFT_AFTER_S)
    await leave_temporary(conversation_id, unused_since=timezone.now() - UNUSED_FOR)
