"""Celery's side of runs."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from chat.conversations.models import Message
from chat.runs.services import close_as_broken, is_alive

GRACE = timedelta(seconds=15)
INTERRUPTED = "The answer was interrupted because the server restarted. Please try again."


@shared_task(name="chat.runs.tasks.close_orphaned_runs")
def close_orphaned_runs() -> None:
    """End the messages whose process died, so that their conversations can go on."""
    for message in Message.objects.running().filter(created_at__lt=timezone.now() - GRACE):
        if not is_alive(message.request_id):
            close_as_broken(message.request_id, INTERRUPTED)
