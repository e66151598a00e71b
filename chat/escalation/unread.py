"""Which conversations hold a colleague's word that the person has not seen."""

from django.db.models import Exists, OuterRef

from chat.conversations.models import ConversationQuerySet
from chat.escalation.models import Escalation


def with_unread(conversations: ConversationQuerySet) -> ConversationQuerySet:
    """Annotate `has_unread`, for the dot in the list."""
    ended = Escalation.objects.unread().filter(message__conversation=OuterRef("pk"))
    return conversations.annotate(has_unread=Exists(ended))
