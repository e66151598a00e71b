"""
The health card's contents: what a person should know about a version before and while it is used.

`examine` judges the file alone, before it is published, and may hold it back. `look_around` takes longer: it compares
the published version with the other documents, and finds questions that it answers. Neither changes anything.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import DatabaseError

from governance.gateway.embeddings import embedder
from knowledge.documents.models import DocumentVersion
from knowledge.health.instructions import Instruction, instructions_in, instructions_in_hidden
from knowledge.health.language import language_of
from knowledge.health.neighbours import examined, neighbours_of
from knowledge.health.noticed import Kind, Noticed, Severity, excerpt_of
from knowledge.health.others import conflicts_among, copies_among
from knowledge.health.questions import questions_for
from knowledge.index.embed import Embedded
from knowledge.ingest.parsed import ParsedDocument

__all__ = ["QUARANTINED", "Examination", "examine", "language_of"]

logger = logging.getLogger(__name__)

QUARANTINED = "quarantined"
"""The error code of a version that waits for a person."""

MAX_OF_A_KIND = 5
WORTH_A_WARNING = 6
"""Words. What is shorter, a label or a number, is hidden in many files and says nothing."""


@dataclass(frozen=True, slots=True)
class Examination:
    """`quarantine`: the version must not be published before a person has read what was found and released it."""

    language: str
    findings: tuple[Noticed, ...]
    quarantine: bool

    @property
    def reason(self) -> str:
        """Why a version is held back, and what to do; for its `error`."""
        found = [finding for finding in self.findings if finding.severity == Severity.QUARANTINE]
        where = "text that readers can't see" if any(each.kind == Kind.HIDDEN_TEXT for each in found) else "its text"
        return (
            f"Held back: {where} speaks to an AI model instead of to people. Read what was found on the health card; "
            "then release it there, or upload a version without it."
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a published version stands among the others, and questions that it answers."""

    questions: tuple[str, ...]
    findings: tuple[Noticed, ...]


def look_around(version: DocumentVersion, embedded: Sequence[Embedded]) -> Surroundings:
    """`embedded` is what the live index holds of the version."""
    questions = questions_for(embedded, language=version.language, embed=embedder().embed)
    found = other_documents_found(version, embedded)
    return Surroundings(tuple(question[:300] for question in questions), tuple(found))


def examine(version: DocumentVersion, parsed: ParsedDocument) -> Examination:
    """
    What the file itself tells, found anew.

    A version that a person has released is not held back again.
    """
    findings = (*instructions_found(parsed), *hidden_text_found(parsed), *pages_found(parsed))
    return Examination(
        language=language_of(parsed.text),
        findings=findings,
        quarantine=version.released_at is None and any(each.severity == Severity.QUARANTINE for each in findings),
    )


def instructions_found(parsed: ParsedDocument) -> Iterator[Noticed]:
    """Sentences for a model: visible ones, and hidden ones, for which less is enough."""
    for found in islice(instructions_in(parsed), MAX_OF_A_KIND):
        yield Noticed(
            Kind.INSTRUCTIONS,
            Severity.WARNING if found.is_quoted else Severity.QUARANTINE,
            f"This text {found.what}{'; it seems to be quoted as an example' if found.is_quoted else ''}.",
            excerpt=excerpt_of(found.text),
            page=_page_at(parsed, found.start),
        )
    for found in islice(instructions_in_hidden(parsed.hidden), MAX_OF_A_KIND):
        yield Noticed(Kind.HIDDEN_TEXT, Severity.QUARANTINE, _of_hidden(found), excerpt=excerpt_of(found.text))


def hidden_text_found(parsed: ParsedDocument) -> Iterator[Noticed]:
    """Other words that are in the file and can't be seen; they are never searched."""
    plain = [text for text in parsed.hidden if len(text.split()) >= WORTH_A_WARNING]
    told = {found.text for found in instructions_in_hidden(parsed.hidden)}
    for text in islice((text for text in plain if text not in told), MAX_OF_A_KIND):
        message = "The file holds text that its readers can't see. It was left out of the document."
        yield Noticed(Kind.HIDDEN_TEXT, Severity.WARNING, message, excerpt=excerpt_of(text))


def pages_found(parsed: ParsedDocument) -> Iterator[Noticed]:
    if parsed.empty_pages:
        message = f"No text was found on {_pages(parsed.empty_pages)}."
        yield Noticed(Kind.EMPTY_PAGES, Severity.NOTE, message, page=parsed.empty_pages[0])
    if parsed.ocr_pages:
        message = f"Text was recognised in pictures on {_pages(parsed.ocr_pages)}: hard-to-read letters may be wrong."
        yield Noticed(Kind.RECOGNISED, Severity.NOTE, message, page=parsed.ocr_pages[0])


def other_documents_found(version: DocumentVersion, embedded: Sequence[Embedded]) -> list[Noticed]:
    """Copies and contradictions; none, with a line in the log, when the database takes too long over it."""
    mine = examined(embedded)
    try:
        neighbours = neighbours_of(version, mine)
    except DatabaseError:
        logger.exception("Comparing %s with other documents failed: its health card says nothing of them", version)
        return []
    return [*copies_among(neighbours, mine), *conflicts_among(neighbours)]


def _of_hidden(found: Instruction) -> str:
    return f"Text that readers of the file can't see {found.what}."


def _pages(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers[:10]))
    more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
    return f"page{'s' if len(numbers) > 1 else ''} {named}{more}"


def _page_at(parsed: ParsedDocument, position: int) -> int | None:
    return next((block.page for block in parsed.blocks if block.start <= position < block.end), None)
