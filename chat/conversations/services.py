"""What people do with conversations."""

from uuid import UUID

from chat.conversations.models import Conversation
from governance.access.models import User


def may_open(user: User, conversation_id: UUID) -> bool:
    """One's own conversation, or one that doesn't exist yet: its first question creates it, for whoever asks it."""
    mine = Conversation.objects.visible_to(user).filter(pk=conversation_id).exists()
    return mine or not Conversation.objects.filter(pk=conversation_id).exists()
