"""Where exactly a passage says what the answer says."""

import re

from askacme.lib.sentences import spans
from chat.pipeline.cite import MARK

MARKUP = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+|\*\*")
LEAST_WORDS = 2


def locate(answer: str, place: int, passage: str) -> tuple[int, int]:
    """
    The span of the passage that the sentences marked `[place]` quote, white space aside.

    From the first quoted sentence to the last; the whole passage when it is quoted in other words.
    """
    found = [span for sentence in marked_with(answer, place) if (span := find(sentence, passage))]
    if not found:
        return 0, len(passage)
    return min(start for start, _ in found), max(end for _, end in found)


def marked_with(answer: str, place: int) -> list[str]:
    """The answer's sentences that carry the mark, without marks and list signs."""
    sentences = [answer[start:end] for start, end in spans(answer)]
    return [MARKUP.sub("", MARK.sub("", sentence)) for sentence in sentences if f"[{place}]" in sentence]


def find(sentence: str, passage: str) -> tuple[int, int] | None:
    words = sentence.split()
    if len(words) < LEAST_WORDS:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), passage)
    return match.span() if match else None
