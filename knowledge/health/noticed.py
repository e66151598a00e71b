"""What was noticed about a version, before it is stored as a `Finding`."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.health.models import Finding
from knowledge.ingest.parsed import ParsedDocument

Kind = Finding.Kind
Severity = Finding.Severity
EXCERPT_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding without its version. `other_id` is the other document's."""

    kind: Kind
    severity: Severity
    message: str
    excerpt: str = ""
    other_excerpt: str = ""
    other_id: int | None = None
    page: int | None = None


def excerpt_of(text: str) -> str:
    """The text on one line, as much of it as a finding keeps."""
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT_CHARACTERS else f"{words[: EXCERPT_CHARACTERS - 1]}…"


def page_at(parsed: ParsedDocument, position: int) -> int | None:
    return next((block.page for block in parsed.blocks if block.start <= position < block.end), None)


def pages_in_words(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers[:10]))
    more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
    return f"page{'s' if len(numbers) > 1 else ''} {named}{more}"
