"""
Words as the reader compares them: lower-case stems without the words that every sentence has.
"""

import re
from collections.abc import Iterable
from functools import lru_cache


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


STOP = _words(
    "a about all also am an and any are as at be because been before being but by can could did do does doing",
    "done for from get gets getting got had has have having he her here hers him his how i if in into is isn",
    "it its just let like ll m many may me might mine much must my no nor not of off on once one only or",
    "other our ours out over own per please re s shall she should so some such t tell than that the their",
    "theirs them then there these they this those through to too under until up us ve very was wasn we were",
    "what when where whether which while who whom whose why will with would yes you your yours",
)
"""Words that say nothing about the subject of a question."""

COMMON = _words(
    "actually allow amount apply ask back best big call case change come day different does else employee",
    "even ever every everyone exactly find first give go going good happen help high kind know last long look",
    "lot low make maximum mean need new next number old order people person place policy possible",
    "put really required right rule same say see set somebody someone something start sure take thing time",
    "today type use used using usually want way week well work working year",
)
"""Words that many sentences of any handbook share; they count for less."""

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_LINK = re.compile(r"!?\[([^\]]{0,300})\]\([^)\s]*(?:\s[^)]*)?\)|\{%.*?%\}|<[^>\n]{1,200}>")
_SUFFIXES = sorted(
    _words(
        "ations ation ements ement ments ment ingly ings ing edly ible able ities ity ions ion ies ied ers er ors or",
        "ed es al ly s y e",
    ),
    key=lambda suffix: (-len(suffix), suffix),
)
_NUMBERS = {
    name: str(value)
    for value, name in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}


def plain(text: str) -> str:
    """The text as a person sees it: links without their address, no template tags, single spaces."""
    return " ".join(_LINK.sub(lambda link: link.group(1) or " ", text).split())


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A crude stem, good enough to match `approve`, `approved` and `approval`."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if word in _NUMBERS:
        return _NUMBERS[word]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4 - (suffix == "s"):
            word = word[: -len(suffix)]
            break
    return word


def words(text: str) -> list[str]:
    return WORD.findall(text)


def stems(text: str) -> list[str]:
    """Stems of the content words, in order of appearance."""
    return [stem(word) for word in words(text) if word.lower() not in STOP]


_COMMON_STEMS = frozenset(stem(word) for word in COMMON)


def weight(word_stem: str) -> float:
    """How much a shared stem tells, before counting in how many sentences it occurs."""
    return 0.4 if word_stem in _COMMON_STEMS else 1.0


def nearest(word: str, vocabulary: Iterable[str]) -> str | None:
    """The stem of the vocabulary that `word` is most likely a typo of."""
    allowed = 1 if len(word) < 7 else 2
    best: tuple[int, str] | None = None
    for candidate in vocabulary:
        if len(candidate) < 4 or candidate[0] != word[0] or abs(len(candidate) - len(word)) > allowed:
            continue
        distance = _edits(word, candidate)
        if distance <= allowed and (best is None or (distance, candidate) < best):
            best = (distance, candidate)
    return best[1] if best else None


def _edits(a: str, b: str) -> int:
    """Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, previous, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
    return row[-1]
