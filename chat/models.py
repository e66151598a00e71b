"""The app's tables; each lives with its subject."""

from chat.conversations.models import Citation, Conversation, Message
from chat.escalation.models import Escalation, Inbox
from chat.sharing.models import Share
from chat.starters.models import Starter
from chat.tools.models import BuiltInTool, Connector, ToolUse
from chat.transparency.models import Acknowledgement

__all__ = [
    "Acknowledgement",
    "BuiltInTool",
    "Citation",
    "Connector",
    "Conversation",
    "Escalation",
    "Inbox",
    "Message",
    "Share",
    "Starter",
    "ToolUse",
]
