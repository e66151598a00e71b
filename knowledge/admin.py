"""The console's screens; each lives with its subject."""

from knowledge.audience import admin as audience
from knowledge.documents import admin as documents
from knowledge.index import admin as index
from knowledge.search import admin as search
from knowledge.sources import admin as sources

__all__ = ["audience", "documents", "index", "search", "sources"]
