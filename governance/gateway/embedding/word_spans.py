"""Where the words with a vector of their own stand in a text."""

import re

from governance.gateway.reader.words import STOP

Span = tuple[int, int]

_WORD = re.compile(r"[^\W_]+")


def word_spans(text: str) -> list[Span]:
    """
    Where the words with a vector stand in a text, in order: all but those that every sentence has.

    Passages and questions are cut by the same rule, so a row of a passage's word vectors is a place in its text.
    """
    return [found.span() for found in _WORD.finditer(text) if tells_something(found.group())]


def tells_something(word: str) -> bool:
    return word.lower() not in STOP and (len(word) > 1 or word.isdigit())
