"""What people do with conversations."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from askacme.lib.errors import InvalidInput, NotFound
from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation
from chat.conversations.removal import Removed, remove, tell
from governance.access.models import User
from governance.audit.services import record
from governance.guardrails.pii import restore, shortened
from governance.guardrails.pii.shown import readable
from governance.guardrails.pii.vault import hide_of, values_for

MAX_TITLE_CHARS = 120
MAX_PINNED = 20
"""Fewer than the list shows at once, so that all of them stand on top of it."""


def may_open(user: User, conversation_id: UUID) -> bool:
    """One's own conversation, or one that doesn't exist yet: its first question creates it, for whoever asks it."""
    owner = Conversation.objects.filter(pk=conversation_id).values_list("user_id", flat=True).first()
    return owner in {None, user.pk}


def rename(*, user: User, conversation_id: UUID, title: str) -> Conversation:
    """Raises NotFound, InvalidInput and GuardUnavailable."""
    line = " ".join(title.replace("\0", "").split())
    if not line:
        raise InvalidInput(_("A conversation needs a name."))
    if len(line) > MAX_TITLE_CHARS:
        raise InvalidInput(_("At most %(count)s characters, please.") % {"count": MAX_TITLE_CHARS})
    with transaction.atomic():
        conversation = lasting(user, conversation_id)
        before = len(conversation.title)
        conversation.title = shortened(hide_of(user, line, scope=str(conversation_id)), MAX_TITLE_CHARS)
        conversation.save(update_fields=["title"])
        lengths = {"before": {"title_chars": before}, "after": {"title_chars": len(conversation.title)}}
        record(actor=user, action="conversation.rename", target=str(conversation_id), **lengths)
    return conversation


def title_to_edit(conversation: Conversation) -> str:
    """As its owner wrote it, for the form."""
    values = values_for(str(conversation.pk), conversation.title)
    return readable(restore(conversation.title, values))


def pin(*, user: User, conversation_id: UUID, is_pinned: bool) -> Conversation:
    """Put it on top of the list, or back in its place. Safe to repeat. Raises NotFound and InvalidInput."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two at once would each still find room
        conversation = lasting(user, conversation_id)
        if is_pinned == (conversation.pinned_at is not None):
            return conversation
        pinned = Conversation.objects.visible_to(user).exclude(pinned_at=None)
        if is_pinned and pinned.count() >= MAX_PINNED:
            raise InvalidInput(_("You have pinned %(count)s already. Unpin one first.") % {"count": MAX_PINNED})
        conversation.pinned_at = timezone.now() if is_pinned else None
        conversation.save(update_fields=["pinned_at"])
        record(actor=user, action=f"conversation.{'pin' if is_pinned else 'unpin'}", target=str(conversation_id))
    return conversation


async def delete(*, user: User, conversation_id: UUID) -> None:
    """Gone for good, with all that was said in it: running answers stop, open tabs are told. Raises NotFound."""
    await tell([await in_thread(removed_by, user, conversation_id)])


def removed_by(user: User, conversation_id: UUID) -> Removed:
    with transaction.atomic():
        mine = Conversation.objects.visible_to(user).select_for_update().filter(pk=conversation_id).first()
        if mine is None:
            raise NotFound("There is no such conversation.")
        removed = remove(mine)
        record(actor=user, action="conversation.delete", target=str(conversation_id))
    return removed


async def leave_temporary(conversation_id: UUID, *, unused_since: datetime | None = None) -> bool:
    """
    Delete a temporary conversation that nobody looks at any more, or none has since a moment. Returns whether it did.

    Safe to call at any time: does nothing to one that lasts, is being answered, or is gone already.
    """
    removed = await in_thread(removed_temporary, conversation_id, unused_since=unused_since)
    await tell(removed)
    return bool(removed)


def removed_temporary(conversation_id: UUID | None = None, *, unused_since: datetime | None = None) -> list[Removed]:
    """The one, or all that were last used before `unused_since`; those being answered are left for the next time."""
    with transaction.atomic():
        temporary = Conversation.objects.select_for_update().filter(is_temporary=True)
        if conversation_id:
            temporary = temporary.filter(pk=conversation_id)
        if unused_since:
            temporary = temporary.filter(updated_at__lt=unused_since)
        quiet = [found for found in temporary if not found.messages.running().exists()]
        return [remove(found) for found in quiet]


def lasting(user: User, conversation_id: UUID) -> Conversation:
    """One's own conversation, not a temporary one, locked. Raises NotFound."""
    mine = Conversation.objects.visible_to(user).listed().select_for_update().filter(pk=conversation_id).first()
    if mine is None:
        raise NotFound("There is no such conversation.")
    return mine
