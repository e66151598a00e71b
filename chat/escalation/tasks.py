"""Celery's side of escalations."""

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@shared_task(name="chat.escalation.tasks.send_mail")
def send_mail() -> None:
    """Also run by the clock: what could not be sent is tried again."""
    from chat.escalation.mail import send_due

    send_due()


def send_soon() -> None:
    """Have a worker look for mail once the transaction is committed. If the broker is down, the clock sends it."""
    transaction.on_commit(_wake)


def _wake() -> None:
    try:
        send_mail.delay()
    except (OperationalError, RedisError) as error:
        logger.warning("The message broker can't be reached (%s): mail about questions is sent later", error)
