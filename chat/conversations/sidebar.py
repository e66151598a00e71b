"""The list of conversations beside the chat."""

from datetime import datetime, timedelta
from itertools import groupby

from django.utils import timezone

from chat.conversations.models import Conversation
from governance.access.models import User

LISTED = 200


def sidebar_of(user: User) -> list[tuple[str, list[Conversation]]]:
    """A person's conversations, newest first, under the headings Today, Last 7 days and Older."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    newest = Conversation.objects.visible_to(user).order_by("-updated_at")[:LISTED]
    groups = groupby(newest, key=lambda conversation: period_of(conversation.updated_at, today))
    return [(name, list(conversations)) for name, conversations in groups]


def period_of(moment: datetime, today: datetime) -> str:
    if moment >= today:
        return "Today"
    return "Last 7 days" if moment >= today - timedelta(days=7) else "Older"
