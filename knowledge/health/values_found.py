"""What the health card says of values that are nobody's to read. Never the value itself."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from governance.guardrails.pii.entities import counted
from governance.guardrails.values import Action
from knowledge.health.noticed import Kind, Noticed, Severity, excerpt_of, page_at, pages_in_words
from knowledge.health.sensitive import Sensitive
from knowledge.ingest.parsed import ParsedDocument

AROUND = 60
"""Characters on either side of a value that a finding shows."""
_WHAT_FOLLOWS = {
    Action.WARN: "Whoever may read the document can read this, too: upload a version without it if that is not meant.",
    Action.MASK: "Dots stand in its place; the file as it was uploaded is only for those who administer documents.",
    Action.BLOCK: "Nobody finds this version until a person has read it and lets it through.",
}


def values_found(blanked: ParsedDocument, values: Sequence[Sensitive], action: Action) -> Iterator[Noticed]:
    """A finding for each type of value. `blanked` is the document with every value masked."""
    if action is Action.ALLOW:
        return
    in_order = sorted(values, key=lambda value: (value.entity, value.start))
    for entity, alike in groupby(in_order, key=lambda value: value.entity):
        yield _finding(blanked, entity, list(alike), action)


def _finding(blanked: ParsedDocument, entity: str, alike: Sequence[Sensitive], action: Action) -> Noticed:
    first = alike[0]
    pages = sorted({page for value in alike if (page := page_at(blanked, value.start)) is not None})
    where = f" on {pages_in_words(pages)}" if pages else ""
    return Noticed(
        Kind.SECRET if first.is_secret else Kind.PERSONAL_DATA,
        Severity.QUARANTINE if action is Action.BLOCK else Severity.WARNING,
        f"{counted(entity, len(alike))}{where}. {_WHAT_FOLLOWS[action]}",
        excerpt=excerpt_of(blanked.text[max(0, first.start - AROUND) : first.end + AROUND]),
        page=pages[0] if pages else None,
    )
