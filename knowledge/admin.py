"""The console's screens; each lives with its subject."""

from knowledge.documents import admin as documents

__all__ = ["documents"]
