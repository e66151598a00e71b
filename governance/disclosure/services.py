"""Breaking the glass: a reason first, then a look, and the person who was read is told."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from askacme.lib.errors import InvalidInput, NotAllowed, NotFound
from governance.access.models import User
from governance.audit.services import record
from governance.disclosure.models import MAX_REASON_CHARS, MIN_REASON_CHARS, Reading

BREAK_GLASS = "governance.break_glass"


def break_glass(
    *, actor: User, owner: User, request_ids: Sequence[UUID], reason: str, conversation_id: UUID | None = None
) -> Reading:
    """
    Open these answers of one person to the reader for half an hour, and put that on record before they see a word.

    Raises NotAllowed, NotFound (nothing was said there) and InvalidInput (no proper reason, or one's own).
    """
    must_be_allowed(actor)
    why = " ".join(reason.replace("\0", "").split())
    if len(why) < MIN_REASON_CHARS:
        raise InvalidInput(_("Say why, in at least %(count)s characters.") % {"count": MIN_REASON_CHARS})
    if len(why) > MAX_REASON_CHARS:
        raise InvalidInput(_("At most %(count)s characters, please.") % {"count": MAX_REASON_CHARS})
    if owner.pk == actor.pk:
        raise InvalidInput(_("This conversation is your own: read it in the chat."))
    if not request_ids:
        raise NotFound(_("Nothing was said in this conversation."))
    with transaction.atomic():
        reading: Reading = Reading.objects.create(
            owner=owner, reader=actor, conversation_id=conversation_id, request_ids=list(request_ids), reason=why
        )
        record(
            actor=actor,
            action="conversation.break_glass",
            target=str(conversation_id or request_ids[0]),
            owner=owner.email,
            reason=why,
            answers=len(request_ids),
            until=reading.ends_at.isoformat(),
        )
    return reading


def open_reading(*, actor: User, reading_id: UUID) -> Reading:
    """What the reader opened, while it is open and they still may. Raises NotAllowed and NotFound."""
    must_be_allowed(actor)
    found: Reading | None = Reading.objects.open_for(actor).select_related("owner").filter(pk=reading_id).first()
    if found is None:
        raise NotFound(_("This is not open to you, or not any more."))
    return found


def is_opened(*, reader: User, request_id: UUID) -> bool:
    """Whether the reader may read the words of this answer now."""
    return reader.has_perm(BREAK_GLASS) and Reading.objects.open_for(reader).of_answer(request_id).exists()


def mark_seen(*, owner: User) -> None:
    """The person has read who looked at their conversations. Safe to repeat."""
    Reading.objects.visible_to(owner).filter(seen_at=None).update(seen_at=timezone.now())


def must_be_allowed(actor: User) -> None:
    """Raises NotAllowed."""
    if not actor.has_perm(BREAK_GLASS):
        raise NotAllowed(_("Only auditors may open other people's conversations."))
