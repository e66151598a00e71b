"""Which conversations hold a colleague's word that the person has not seen."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef

from chat.conversations.models import ConversationQuerySet
from chat.escalation.models import Escalation
from governance.access.models import User


def with_unread(conversations: ConversationQuerySet) -> ConversationQuerySet:
    """Annotate `has_unread`, for the dot in the list."""
    ended = Escalation.objects.unread().filter(message__conversation=OuterRef("pk"))
    return conversations.annotate(has_unread=Exists(ended))


def unread_elsewhere(user: User, conversation_id: UUID, shown: Collection[UUID]) -> Escalation | None:
    """The first such word below a turn that is not among those shown: it stands on another branch."""
    ended = Escalation.objects.visible_to(user).unread().filter(message__conversation=conversation_id)
    return ended.exclude(message__in=shown).with_people().select_related("message").first()
