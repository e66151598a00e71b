"""Celery's side of runs."""

from datetime import timedelta
from uuid import UUID

from asgiref.sync import async_to_sync
from celery import shared_task
from django.utils import timezone

from askacme.lib.per_loop import close_all
from chat.conversations.models import Message
from chat.runs import heartbeat
from chat.runs.services import close_as_broken

GRACE = timedelta(seconds=15)
INTERRUPTED = "The answer was interrupted because the server restarted. Please try again."


@shared_task(name="chat.runs.tasks.close_orphaned_runs")
def close_orphaned_runs() -> None:
    """End the messages whose process died, so that their conversations can go on."""
    suspects = list(Message.objects.running().filter(created_at__lt=timezone.now() - GRACE))
    for request_id in async_to_sync(those_without_life)([message.request_id for message in suspects]):
        close_as_broken(request_id, INTERRUPTED)


async def those_without_life(request_ids: list[UUID]) -> list[UUID]:
    try:
        return [request_id for request_id in request_ids if not await heartbeat.is_alive(request_id)]
    finally:
        await close_all()
