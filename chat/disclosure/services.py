"""What can be opened with break-glass, and opening it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _

from askacme.lib.errors import NotFound
from chat.conversations.models import Conversation, Message
from governance.access.models import User
from governance.audit.models import AuditedAnswer
from governance.disclosure.models import Reading
from governance.disclosure.services import break_glass, must_be_allowed

LISTED = 100


@dataclass(frozen=True, slots=True)
class Closed:
    """A conversation from outside: when, and how much. Its name would tell of its first question."""

    id: UUID
    begun_at: datetime
    used_at: datetime
    questions: int


@dataclass(frozen=True, slots=True)
class ToTell:
    """What the chat tells its owner: who read this conversation; `is_more`: others, of which they have not seen."""

    here: Sequence[Reading] = ()
    is_more: bool = False


def conversations_of(*, actor: User, owner: User) -> list[Closed]:
    """The latest of one person's, without a word of them. Raises NotAllowed."""
    must_be_allowed(actor)
    found = Conversation.objects.visible_to(owner).annotate(
        first=Min("messages__created_at"), questions=Count("messages")
    )
    rows = found.exclude(questions=0).order_by("-updated_at").values_list("pk", "first", "updated_at", "questions")
    return [Closed(*row) for row in rows[:LISTED]]


def conversation_with(*, actor: User, request_id: UUID) -> UUID | None:
    """The conversation of an answer; None if that is gone and only the audited answer is left. Raises NotFound."""
    must_be_allowed(actor)
    found = Message.objects.filter(pk=request_id).values_list("conversation_id", flat=True).first()
    if found is None and not AuditedAnswer.objects.filter(request_id=request_id).exists():
        raise NotFound(_("There is no answer with this request id."))
    return found


def open_conversation(*, actor: User, conversation_id: UUID, reason: str) -> Reading:
    """Open all that was said in it so far. Raises what `break_glass` raises."""
    must_be_allowed(actor)
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update(of=("self",)).select_related("user")
        found = conversation.filter(pk=conversation_id).first()
        if found is None:
            raise NotFound(_("There is no such conversation."))
        said = Message.objects.filter(conversation=found).order_by("created_at").values_list("pk", flat=True)
        return break_glass(
            actor=actor, owner=found.user, request_ids=list(said), reason=reason, conversation_id=found.pk
        )


def open_answer(*, actor: User, request_id: UUID, reason: str) -> Reading:
    """The conversation of an answer; if that was deleted, the one answer as it is on record. Raises as above."""
    conversation_id = conversation_with(actor=actor, request_id=request_id)
    if conversation_id:
        return open_conversation(actor=actor, conversation_id=conversation_id, reason=reason)
    answer = AuditedAnswer.objects.get(request_id=request_id)
    owner = User.objects.filter(pk=answer.user_id).first() if answer.user_id else None
    if owner is None:
        raise NotFound(_("The person who asked this is gone."))
    return break_glass(actor=actor, owner=owner, request_ids=[request_id], reason=reason)


def readings_to_tell(*, owner: User, conversation_id: UUID) -> ToTell:
    mine: QuerySet[Reading] = Reading.objects.visible_to(owner)
    found = list(mine.filter(Q(conversation_id=conversation_id) | Q(seen_at=None)))
    here = [reading for reading in found if reading.conversation_id == conversation_id]
    return ToTell(here, is_more=len(found) > len(here))
