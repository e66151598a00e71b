"""The app's tables; each lives with its subject."""

from knowledge.documents.models import Chunk, Document, DocumentVersion

__all__ = ["Chunk", "Document", "DocumentVersion"]
