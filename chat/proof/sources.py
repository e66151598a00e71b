"""The sources of an answer, by document."""

from collections.abc import Iterable
from dataclasses import dataclass

from chat.conversations.models import Citation
from knowledge.documents.models import DocumentVersion


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A version that an answer cites, with all citations of it."""

    version: DocumentVersion
    citations: tuple[Citation, ...]


def by_document(citations: Iterable[Citation]) -> list[SourceDocument]:
    """In the order in which the answer first cites them."""
    found: dict[int, list[Citation]] = {}
    for citation in citations:
        found.setdefault(citation.version_id, []).append(citation)
    return [SourceDocument(group[0].version, tuple(group)) for group in found.values()]


def beside(citation: Citation, citations: Iterable[Citation]) -> tuple[Citation | None, Citation | None]:
    """The citations before and after it."""
    others = [*citations]
    before = [other for other in others if other.n < citation.n]
    after = [other for other in others if other.n > citation.n]
    return (before[-1] if before else None), (after[0] if after else None)
