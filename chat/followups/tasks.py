"""Celery's side of follow-ups."""

import logging
from functools import partial
from uuid import UUID

from asgiref.sync import async_to_sync
from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from askacme.lib.per_loop import close_all
from chat.followups.summary import summarise

logger = logging.getLogger(__name__)


@shared_task(name="chat.followups.tasks.sum_up")
def sum_up(request_id: str) -> None:
    async_to_sync(_sum_up)(UUID(request_id))


async def _sum_up(request_id: UUID) -> None:
    try:
        await summarise(request_id)
    finally:
        await close_all()


def sum_up_soon(request_id: UUID) -> None:
    """Once the transaction is committed. Without a broker the oldest turns are left out until the next answer."""
    transaction.on_commit(partial(_wake, request_id))


def _wake(request_id: UUID) -> None:
    try:
        sum_up.delay(str(request_id))
    except (OperationalError, RedisError) as error:
        logger.warning("The message broker can't be reached (%s): conversation not summed up", error)
