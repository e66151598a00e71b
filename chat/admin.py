"""The console's screens; each lives with its subject."""

from chat.disclosure import admin as disclosure
from chat.escalation import admin as escalation
from chat.feedback import admin as feedback
from chat.starters import admin as starters
from chat.tools import admin as tools

__all__ = ["disclosure", "escalation", "feedback", "starters", "tools"]
