"""
The words of a text as vectors of their own, small enough to keep one for each.

They are pooled from the text's own pass through the model, so they cost no time; of each number only the sign is kept:
48 bytes for 384 numbers.
"""

import re

import numpy as np

from governance.gateway.reader.words import STOP
from governance.gateway.types import Vectors

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


def pack(vectors: Vectors) -> bytes:
    """
    The signs of float32 rows of a dimension that is a multiple of 8, row by row.

    Rows of zeros at the end, words behind what the model reads, are left out.
    """
    read = np.flatnonzero(vectors.any(axis=1))
    return np.packbits(vectors[: read[-1] + 1] > 0, axis=1).tobytes() if read.size else b""
