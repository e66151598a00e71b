"""What became of a cited passage in the newest version of its document."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from askacme.lib.sentences import spans
from knowledge.documents.models import DocumentVersion

ALIKE = 0.5
"""Share of words in common (Ratcliff and Obershelp) from which a sentence is the successor of another."""
_WORDS = re.compile(r"\S+")

Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Change:
    """
    What stood in the cited passage, and stands in the newest version now, as runs of words.

    `is_gone`: nothing there comes near it. `start` and `end` are where it stands in the newest version, if it does.
    """

    newest: DocumentVersion
    runs: tuple[tuple[Kind, str], ...] = ()
    start: int = 0
    end: int = 0

    @property
    def is_gone(self) -> bool:
        return not self.runs

    @property
    def says_the_same(self) -> bool:
        return bool(self.runs) and all(kind == "same" for kind, _ in self.runs)


def change_of(version: DocumentVersion, start: int, end: int) -> Change | None:
    """What became of `version.text[start:end]`; None when the version is the document's current one, or it has none."""
    newest = version.document.current
    if newest is None or newest.pk == version.pk:
        return None
    passage = version.text[start:end]
    found = successors(passage, newest.text)
    if not found:
        return Change(newest)
    there = " ".join(newest.text[begin:stop] for begin, stop in found)
    return Change(newest, tuple(runs(passage.split(), there.split())), found[0][0], found[-1][1])


def successors(passage: str, text: str) -> list[tuple[int, int]]:
    """The sentences of the text that come nearest to those of the passage, in the text's order."""
    literal = re.search(r"\s+".join(map(re.escape, passage.split())), text) if passage.strip() else None
    if literal:
        return [literal.span()]
    there = [(span, words_of(text[slice(*span)])) for span in spans(text)]
    best = (nearest(words_of(passage[slice(*span)]), there) for span in spans(passage))
    return sorted({span for span in best if span})


def nearest(words: list[str], there: Sequence[tuple[tuple[int, int], list[str]]]) -> tuple[int, int] | None:
    likeness, found = ALIKE, None
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(words)
    for span, others in there:
        matcher.set_seq1(others)
        if matcher.real_quick_ratio() >= likeness and matcher.quick_ratio() >= likeness:
            ratio = matcher.ratio()
            if ratio >= likeness:
                likeness, found = ratio, span
    return found


def words_of(sentence: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(sentence)]


def runs(before: Sequence[str], now: Sequence[str]) -> Iterator[tuple[Kind, str]]:
    """The words of both, in order, in runs that stayed, went or came."""
    for tag, begin, end, new_begin, new_end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", " ".join(before[begin:end])
            continue
        if end > begin:
            yield "removed", " ".join(before[begin:end])
        if new_end > new_begin:
            yield "added", " ".join(now[new_begin:new_end])
