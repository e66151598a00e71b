"""The list of conversations beside the chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.conversations.models import Conversation
from chat.escalation.unread import with_unread
from governance.access.models import User

LISTED = 30
"""At once. The list comes anew with each conversation that begins: its rows cost a quarter of a millisecond each."""
PINNED, TODAY, LAST_DAYS, OLDER = _("Pinned"), _("Today"), _("Last 7 days"), _("Older")


@dataclass(frozen=True, slots=True)
class Group:
    """Conversations under one heading. `older` is where the rest of the list begins, after the last of them."""

    name: Promise | str
    conversations: Sequence[Conversation]
    older: str = ""


def sidebar_of(user: User, *, before: datetime | None = None) -> list[Group]:
    """
    A person's conversations under the headings Pinned, Today, Last 7 days and Older; in each the newest first.

    At most LISTED, and with `before` only those that were last used before it; pinned ones stand on the first page.
    """
    found = with_unread(Conversation.objects.visible_to(user).listed().defer("summary"))
    if before:
        found = found.filter(pinned_at=None, updated_at__lt=before)
    rows = list(found.order_by(F("pinned_at").desc(nulls_last=True), "-updated_at")[: LISTED + 1])
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    groups = groupby(rows[:LISTED], key=lambda conversation: heading_of(conversation, today))
    listed = [Group(name, list(conversations)) for name, conversations in groups]
    if len(rows) > LISTED:
        last = listed.pop()
        listed.append(Group(last.name, last.conversations, last.conversations[-1].updated_at.isoformat()))
    return listed


def heading_of(conversation: Conversation, today: datetime) -> Promise | str:
    if conversation.pinned_at:
        return PINNED
    if conversation.updated_at >= today:
        return TODAY
    return LAST_DAYS if conversation.updated_at >= today - timedelta(days=7) else OLDER
