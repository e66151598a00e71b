"""Letting a colleague read a conversation, and taking that back."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from askacme.lib.errors import Conflict, InvalidInput, NotFound
from chat.conversations.branches import branches_of
from chat.conversations.models import Conversation, Message
from chat.conversations.services import lasting
from chat.runs.take_in import title_of
from chat.sharing.models import Share
from governance.access.models import User
from governance.access.people import NOBODY
from governance.audit.services import record

MIN_PREFIX_CHARS = 3
SUGGESTED = 6


def share(*, user: User, conversation_id: UUID, email: str, seen_to: UUID | None = None) -> Share:
    """
    Let a colleague read what the conversation shows now; shared again, what it shows then.

    `seen_to` is the last turn that the person means: another tab may have gone on, or to another branch.
    Raises NotFound (not one's own, or a temporary one), InvalidInput (nobody to share with, or nothing to share) and
    Conflict (the conversation shows something else by now).
    """
    with transaction.atomic():
        conversation = lasting(user, conversation_id)
        colleague = colleagues_of(user).filter(email__iexact=email.strip()).first()
        if colleague is None:
            raise InvalidInput(_("There is no colleague with this address."))
        last = last_finished(conversation)
        if seen_to and seen_to != last.pk:
            raise Conflict(_("The conversation has changed meanwhile. Look at what it shows now, then share it."))
        given, _is_new = Share.objects.update_or_create(
            conversation=conversation,
            shared_with=colleague,
            defaults={
                "shared_by": user,
                "title": title_to_share(conversation, last),
                "last": last,
                "created_at": timezone.now(),
            },
        )
        record(actor=user, action="conversation.share", target=str(conversation_id), colleague=colleague.email)
    return given


def end(*, user: User, share_id: UUID) -> Share:
    """From now on it can't be read any more. Both sides may; raises NotFound for everybody else."""
    with transaction.atomic():
        mine = Share.objects.filter(Q(shared_by=user) | Q(shared_with=user)).select_related("conversation")
        ended = mine.select_for_update(of=("self",)).filter(pk=share_id).first()
        if ended is None:
            raise NotFound("There is no such share.")
        record(
            actor=user,
            action="conversation.unshare",
            target=str(ended.conversation_id),
            colleague=ended.shared_with.email,
        )
        ended.delete()
    return ended


def last_finished(conversation: Conversation) -> Message:
    """The last turn that is shown and not being answered any more. Raises InvalidInput when there is none."""
    path = branches_of(conversation.pk).path_to(conversation.head_id)
    running = set(Message.objects.running().filter(pk__in=path).values_list("pk", flat=True))
    finished = [pk for pk in path if pk not in running]
    if not finished:
        raise InvalidInput(_("There is no answer to share yet."))
    return Message.objects.get(pk=finished[-1])


def title_to_share(conversation: Conversation, last: Message) -> str:
    """What the person named it; else the first question that is shared: the first of all may be another branch's."""
    firsts = {first.pk: title_of(first.question) for first in conversation.messages.filter(parent=None)}
    is_renamed = conversation.title not in {"", *firsts.values()}
    return conversation.title if is_renamed else firsts[branches_of(conversation.pk).path_to(last.pk)[0]]


def colleagues_of(user: User) -> QuerySet[User]:
    """People who can sign in, but for oneself."""
    return User.objects.filter(is_active=True).exclude(pk=user.pk).exclude(email=NOBODY)


def suggested_colleagues(user: User, prefix: str) -> list[User]:
    """A few whose name or address begins like this; nobody before three letters, so that no one reads the list."""
    begun = prefix.strip()
    if len(begun) < MIN_PREFIX_CHARS:
        return []
    alike = Q(email__istartswith=begun) | Q(name__istartswith=begun)
    return list(colleagues_of(user).filter(alike).order_by("name", "email")[:SUGGESTED])
