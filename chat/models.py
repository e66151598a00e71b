"""The app's tables; each lives with its subject."""

from chat.conversations.models import Citation, Conversation, Message
from chat.tools.models import BuiltInTool, Connector, ToolUse

__all__ = ["BuiltInTool", "Citation", "Connector", "Conversation", "Message", "ToolUse"]
