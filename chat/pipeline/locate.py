"""Where exactly a passage says what the answer says."""

import re
from collections.abc import Sequence

from askacme.lib.sentences import spans
from chat.pipeline.cite import MARK
from chat.proof.wording import plain, stems

MARKUP = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+|\*\*")
LEAST_WORDS = 2
LIKE = 0.5
"""Share of an answer's words that a sentence of the passage must hold to be where it was taken from."""


def locate(quotes: Sequence[str], passage: str) -> tuple[int, int]:
    """
    The span of the passage that these sentences quote, white space aside.

    In other words than the passage's: the sentence that shares most of them. From the first such sentence to the last;
    the whole passage when none is to be found.
    """
    sought = [find(sentence, passage) or likest(sentence, passage) for sentence in quotes]
    found = [span for span in sought if span]
    if not found:
        return 0, len(passage)
    return min(start for start, _ in found), max(end for _, end in found)


def marked_with(answer: str, place: int) -> list[str]:
    """The answer's sentences that carry the mark."""
    sentences = [answer[start:end] for start, end in spans(answer)]
    return [bare(sentence) for sentence in sentences if f"[{place}]" in sentence]


def bare(sentence: str) -> str:
    """Without marks and list signs."""
    return MARKUP.sub("", MARK.sub("", sentence))


def find(sentence: str, passage: str) -> tuple[int, int] | None:
    words = sentence.split()
    if len(words) < LEAST_WORDS:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), passage)
    return match.span() if match else None


def likest(sentence: str, passage: str) -> tuple[int, int] | None:
    said = set(stems(plain(sentence)))
    if not said:
        return None
    shares = {span: len(said.intersection(stems(passage[slice(*span)]))) / len(said) for span in spans(passage)}
    best = max(shares, key=lambda span: shares[span], default=None)
    return best if best and shares[best] >= LIKE else None
