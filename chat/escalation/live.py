"""Telling the open pages of a conversation that a turn of it has changed."""

import logging
from functools import partial

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

from chat.conversations.models import Message
from chat.runs.services import group_name

logger = logging.getLogger(__name__)


def tell_page(message: Message) -> None:
    """Once the transaction is committed; without Redis nobody hears it, and the next load of the page shows it."""
    transaction.on_commit(partial(_send, group_name(message.conversation_id), str(message.pk)))


def _send(group: str, request_id: str) -> None:
    try:
        async_to_sync(get_channel_layer().group_send)(group, {"type": "turn.changed", "request_id": request_id})
    except (RedisError, OSError) as error:
        logger.warning("Request %s: open pages were not told (%s)", request_id, error)
