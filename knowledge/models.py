"""The app's tables; each lives with its subject."""

from knowledge.audience.models import Collection
from knowledge.documents.models import Document, DocumentVersion
from knowledge.health.models import Finding
from knowledge.index.models import Block, Chunk, ChunkEdit, SearchIndex, Vector
from knowledge.search.models import Synonym, Word
from knowledge.sources.models import Source, SourceItem

__all__ = [
    "Block",
    "Chunk",
    "ChunkEdit",
    "Collection",
    "Document",
    "DocumentVersion",
    "Finding",
    "SearchIndex",
    "Source",
    "SourceItem",
    "Synonym",
    "Vector",
    "Word",
]
