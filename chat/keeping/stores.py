"""What chat keeps about people: how the old of it goes, and how one person's goes."""

import asyncio
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from askacme.lib.per_loop import close_all
from chat.conversations.models import Conversation
from chat.conversations.removal import Removed, remove, tell
from chat.escalation.models import Escalation
from chat.tools.models import ToolUse
from governance.audit.retention import delete_in_parts
from governance.audit.stores import Held, Leaving, Store

AT_ONCE = 50
FORMER = "A former colleague"
ERASED = "Erased."


def purge_conversations(before: datetime, held: Held) -> int:
    """Each with all that was said in it. One that is being answered has just been used."""
    old = Conversation.objects.filter(updated_at__lt=before).exclude(user_id__in=held.people).order_by("updated_at")
    count = 0
    while True:
        with transaction.atomic():
            removed = [remove(conversation) for conversation in old.select_for_update(skip_locked=True)[:AT_ONCE]]
            tell_afterwards(removed)
        count += len(removed)
        if len(removed) < AT_ONCE:
            return count


def erase_conversations(leaving: Leaving) -> int:
    """Also what waits to be sent by e-mail goes: mails are written from the rows when they are sent."""
    mine = Conversation.objects.visible_to(leaving.person).select_for_update()
    removed = [remove(conversation) for conversation in mine]
    tell_afterwards(removed)
    return len(removed)


def tell_afterwards(removed: list[Removed]) -> None:
    """
    Open tabs, the events of answers and the values behind placeholders, once it is certain.

    In a loop of its own, whose clients can be closed: the web server's loop goes on with its own.
    """
    if removed:
        transaction.on_commit(lambda: asyncio.run(tell_once(removed)))


async def tell_once(removed: list[Removed]) -> None:
    try:
        await tell(removed)
    finally:
        await close_all()


def purge_escalations(before: datetime, held: Held) -> int:
    ended = Escalation.objects.filter(ended_at__lt=before)
    return delete_in_parts(ended.exclude(message__conversation__user_id__in=held.people))


def erase_escalations(leaving: Leaving) -> int:
    """Those that others handed over to the person stay theirs, without the name of who got them."""
    return Escalation.objects.filter(person=leaving.person).update(asked_of=FORMER)


def purge_tool_uses(before: datetime, held: Held) -> int:
    covered = Q(user_id__in=held.people, user_id__isnull=False)
    return delete_in_parts(ToolUse.objects.filter(~covered, finished_at__lt=before))


def erase_tool_uses(leaving: Leaving) -> int:
    """That something was changed in another system, and when, stays; for whom and with which arguments does not."""
    mine = ToolUse.objects.filter(user=leaving.person)
    mine.exclude(error="").update(error=ERASED)
    return mine.update(user=None, message=None, arguments={}, shown=[], result="", outcome="", fingerprint="")


STORES = (
    Store("conversations", purge=purge_conversations, erase=erase_conversations),
    Store("escalations", purge=purge_escalations, erase=erase_escalations),
    Store("tool_uses", purge=purge_tool_uses, erase=erase_tool_uses),
)
