"""Celery's side of runs: for when no web process is left to take them over."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction

from chat.runs.keeper import INTERRUPTED, end, silent_for

GIVEN_UP_AFTER = timedelta(minutes=2)


@shared_task(name="chat.runs.tasks.close_orphaned_runs")
def close_orphaned_runs() -> None:
    """End the messages that nobody has given a sign of life for, so that their conversations can go on."""
    with transaction.atomic():
        for message in silent_for(GIVEN_UP_AFTER):
            end(message, INTERRUPTED)
