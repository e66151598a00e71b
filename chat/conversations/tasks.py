"""Celery's side of conversations."""

from datetime import timedelta

from asgiref.sync import async_to_sync
from celery import shared_task
from django.utils import timezone

from askacme.lib.per_loop import close_all
from chat.conversations.removal import Removed, tell
from chat.conversations.services import removed_temporary

LONGEST = timedelta(hours=1)


@shared_task(name="chat.conversations.tasks.delete_temporary")
def delete_temporary() -> None:
    """Temporary conversations that were not left the usual way: the process that watched their tabs died."""
    async_to_sync(tell_once)(removed_temporary(unused_since=timezone.now() - LONGEST))


async def tell_once(removed: list[Removed]) -> None:
    try:
        await tell(removed)
    finally:
        await close_all()
