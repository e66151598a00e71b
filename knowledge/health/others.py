"""What a version has to do with other documents: copies of it, and sentences that contradict it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from askacme.lib.sentences import spans
from governance.gateway.reader.words import STOP, stem, words
from knowledge.health.differences import Statement, disagreement, statement
from knowledge.health.neighbours import Neighbour
from knowledge.health.noticed import Kind, Noticed, Severity, excerpt_of
from knowledge.index.embed import Embedded

SAME = 0.95
"""Cosine from which two passages say the same in nearly the same words."""

SAME_WORDS = 0.9
"""Share of words in common: passages under another title are further apart than their words."""

MOSTLY = 0.6
"""Share of a document's passages that must stand in another one too, for it to be a copy."""

MAX_COPIES = 3
MAX_CONFLICTS = 5
_MAX_SENTENCE_CHARACTERS = 400


def copies_among(neighbours: Sequence[Neighbour], examined: Sequence[Embedded]) -> list[Noticed]:
    """The documents in which most of the examined passages stand as well."""
    same: defaultdict[int, dict[int, Neighbour]] = defaultdict(dict)
    for neighbour in neighbours:
        if neighbour.similarity >= SAME or _share_of_words(neighbour.mine.passage, neighbour.text) >= SAME_WORDS:
            same[neighbour.document_id].setdefault(id(neighbour.mine), neighbour)
    ranked = sorted(same.items(), key=lambda item: (-len(item[1]), item[0]))
    found = []
    for document_id, pairs in ranked[:MAX_COPIES]:
        if len(pairs) >= MOSTLY * len(examined):
            nearest = next(iter(pairs.values()))
            said = f"{len(pairs)} of {len(examined)} passages" if len(examined) > 1 else "Its only passage"
            stands = "stand" if len(pairs) > 1 else "stands"
            found.append(
                Noticed(
                    Kind.NEAR_DUPLICATE,
                    Severity.WARNING,
                    f"{said} {stands} almost word for word in “{nearest.document[:200]}”. Keep one of the two.",
                    excerpt=excerpt_of(nearest.mine.passage),
                    other_excerpt=excerpt_of(nearest.text),
                    other_id=document_id,
                    page=nearest.mine.edited.draft.page,
                )
            )
    return found


def conflicts_among(neighbours: Sequence[Neighbour]) -> list[Noticed]:
    """Sentences that another document says with another number, date or amount, or denies."""
    found: dict[tuple[str, int], Noticed] = {}
    for neighbour in neighbours:
        if _is_other_scope(neighbour):
            continue
        for mine, other, what in _disagreements(neighbour):
            found.setdefault(
                (mine.text, neighbour.document_id),
                Noticed(
                    Kind.CONFLICT,
                    Severity.WARNING,
                    f"“{neighbour.document[:200]}” says something else: {what}.",
                    excerpt=excerpt_of(mine.text),
                    other_excerpt=excerpt_of(other.text),
                    other_id=neighbour.document_id,
                    page=neighbour.mine.edited.draft.page,
                ),
            )
        if len(found) >= MAX_CONFLICTS:
            break
    return list(found.values())[:MAX_CONFLICTS]


def _disagreements(neighbour: Neighbour) -> Iterator[tuple[Statement, Statement, str]]:
    """Pairs of sentences that disagree; a sentence that stands in both passages as it is disagrees with none."""
    mine, others = _statements(neighbour.mine.passage), _statements(neighbour.text)
    settled = {_plain(one.text) for one in mine} & {_plain(other.text) for other in others}
    for one in mine:
        for other in others:
            if _plain(one.text) in settled or _plain(other.text) in settled:
                continue
            if what := disagreement(one, other):
                yield one, other, what


@lru_cache(maxsize=256)
def _statements(passage: str) -> tuple[Statement, ...]:
    """The passage's sentences that can be compared. Rows of a table say which of its rows they are by a value too."""
    sentences = (passage[start:end] for start, end in spans(passage))
    found = (statement(text) for text in sentences if " | " not in text and len(text) <= _MAX_SENTENCE_CHARACTERS)
    return tuple(said for said in found if said.can_differ)


def _is_other_scope(neighbour: Neighbour) -> bool:
    """
    Whether the two passages are about different cases of one thing: “Leave in Spain” and “Leave in France”.

    Told by their titles, and by their headings: partly the same, and each with a word of its own.
    """
    titles = (neighbour.mine.title, neighbour.document)
    headings = (neighbour.mine.heading.split(" > ")[-1], neighbour.heading.split(" > ")[-1])
    return _differ_in_part(*titles) or _differ_in_part(*headings)


def _differ_in_part(first: str, second: str) -> bool:
    one, other = _content(first), _content(second)
    return bool(one & other) and bool(one - other) and bool(other - one)


def _content(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text) if word.lower() not in STOP)


def _share_of_words(first: str, second: str) -> float:
    one, other = set(_plain(first).split()), set(_plain(second).split())
    return len(one & other) / max(1, len(one | other))


def _plain(text: str) -> str:
    return " ".join(words(text)).lower()
