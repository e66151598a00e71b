"""The console's screens; each lives with its subject."""

from chat.tools import admin as tools

__all__ = ["tools"]
