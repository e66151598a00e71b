"""What changed between two texts: line beside line, and in each the words that differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

WORDS = re.compile(r"\w+")
PIECES = re.compile(r"\w+|\s+|[^\w\s]")
ALIKE = 0.4
"""From this likeness on, a line is taken for a changed one; below, one went and another came."""
MOST_PAIRS = 40_000
"""Lines of one side times those of the other that are still compared each with each."""
MOST_WORD_PAIRS = 4_000_000
"""The same for the words of two lines; beyond it the whole line counts as changed."""


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line on each side; no pieces where the side has no such line."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        return any(piece.is_changed for piece in (*self.before, *self.after))


Pair = tuple[str | None, str | None]


def rows(before: str, after: str) -> list[Row]:
    """Both texts side by side; their pieces put together are the texts again, line for line."""
    old, new = before.split("\n"), after.split("\n")
    found: list[Row] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [Row((Piece(line),), (Piece(line),)) for line in old[i1:i2]]
        else:
            found += [row_of(*pair) for pair in aligned(old[i1:i2], new[j1:j2])]
    return found


def aligned(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Changed lines opposite what they were: the pairing with the greatest likeness in all that keeps the order."""
    if len(old) * len(new) > MOST_PAIRS:
        return list(zip_longest(old, new))
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + as_pair(old[i], new[j]))
    return list(walk(old, new, best))


def walk(old: Sequence[str], new: Sequence[str], best: Sequence[Sequence[float]]) -> Iterator[Pair]:
    i = j = 0
    while i < len(old) and j < len(new):
        worth = as_pair(old[i], new[j])
        if worth and best[i][j] == best[i + 1][j + 1] + worth:
            yield old[i], new[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield old[i], None
            i += 1
        else:
            yield None, new[j]
            j += 1
    yield from ((line, None) for line in old[i:])
    yield from ((None, line) for line in new[j:])


def as_pair(old: str, new: str) -> float:
    worth = likeness(old, new)
    return worth if worth >= ALIKE else 0.0


def likeness(one: str, other: str) -> float:
    """Dice's coefficient of their sets of words: 0 nothing in common, 1 the same words."""
    ours, theirs = set(WORDS.findall(one.lower())), set(WORDS.findall(other.lower()))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 0.0


def row_of(old: str | None, new: str | None) -> Row:
    if old is None or new is None:
        return Row(() if old is None else (Piece(old, True),), () if new is None else (Piece(new, True),))  # noqa: FBT003
    ours, theirs = PIECES.findall(old), PIECES.findall(new)
    if len(ours) * len(theirs) > MOST_WORD_PAIRS:
        ours, theirs = [old], [new]
    before: list[Piece] = []
    after: list[Piece] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        is_changed = kind != "equal"
        before += [Piece("".join(ours[i1:i2]), is_changed)] if i1 < i2 else []
        after += [Piece("".join(theirs[j1:j2]), is_changed)] if j1 < j2 else []
    return Row(tuple(before), tuple(after))
