"""The app's tables; each lives with its subject."""

from chat.conversations.models import Citation, Conversation, Message

__all__ = ["Citation", "Conversation", "Message"]
