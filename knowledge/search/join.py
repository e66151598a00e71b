"""Found passages that follow each other in their document become one: what belongs together is read together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import connection

from knowledge.search.candidates import Candidate

MAX_JOINED_CHARACTERS = 3_000
"""About three chunks."""
WIDEST_GAP = 8


@dataclass(frozen=True, slots=True)
class Passage:
    """One candidate, or neighbours of the same version joined: `best` is the one that was ranked highest."""

    best: Candidate
    text: str
    start: int
    end: int
    page: int | None


Gap = tuple[int, int, int]
"""A version, and the span of its text between two chunks."""


def join_neighbours(ranked: Sequence[Candidate]) -> list[Passage]:
    """
    The passages in the order of their best candidates; each candidate is in exactly one of them.

    Joined are chunks with nothing but white space between them, so that the text stays word for word what the version
    says; a chunk that a person corrected stays by itself.
    """
    gaps = blank_gaps(ranked)
    passages: list[Passage] = []
    for candidate in ranked:
        place = next((n for n, passage in enumerate(passages) if belongs(candidate, passage, gaps)), None)
        if place is None:
            alone = Passage(candidate, candidate.text, candidate.start, candidate.end, candidate.page)
            passages.append(alone)
        else:
            passages[place] = joined(passages[place], candidate, gaps)
    return passages


def blank_gaps(ranked: Sequence[Candidate]) -> dict[Gap, str]:
    """The white space between candidates that follow each other; one query, if there are such."""
    wanted = list(narrow_gaps(ranked))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT version.id, gap.start, gap."end", substr(version.text, gap.start + 1, gap."end" - gap.start)
            FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS gap (version_id, start, "end")
            JOIN knowledge_documentversion AS version ON version.id = gap.version_id
            """,
            [list(column) for column in zip(*wanted, strict=True)],
        )
        return {(version, start, end): text for version, start, end, text in cursor.fetchall() if text.isspace()}


def narrow_gaps(ranked: Sequence[Candidate]) -> Iterator[Gap]:
    """Between what stands so near to each other that only white space may lie there."""
    in_order = sorted(ranked, key=lambda candidate: (candidate.version_id, candidate.start))
    for first, second in pairwise(in_order):
        if first.version_id == second.version_id and 0 < second.start - first.end <= WIDEST_GAP:
            yield first.version_id, first.end, second.start


def belongs(candidate: Candidate, passage: Passage, gaps: Mapping[Gap, str]) -> bool:
    best = passage.best
    if candidate.version_id != best.version_id or candidate.is_corrected or best.is_corrected:
        return False
    touches = candidate.start <= passage.end and passage.start <= candidate.end
    near = {(best.version_id, passage.end, candidate.start), (best.version_id, candidate.end, passage.start)}
    length = max(candidate.end, passage.end) - min(candidate.start, passage.start)
    return (touches or not near.isdisjoint(gaps)) and length <= MAX_JOINED_CHARACTERS


def joined(passage: Passage, candidate: Candidate, gaps: Mapping[Gap, str]) -> Passage:
    first, second = (passage, candidate) if passage.start <= candidate.start else (candidate, passage)
    between = gaps.get((candidate.version_id, first.end, second.start), "")
    rest = second.text[max(0, first.end - second.start) :]
    text = first.text + between + rest if second.end > first.end else first.text
    return Passage(passage.best, text, first.start, max(first.end, second.end), first.page)
