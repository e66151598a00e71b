"""
The sentences of a chunk as vectors of their own, small enough to keep: the best of them tells how well a chunk answers.

They are pooled from the chunk's own pass through the model ("late chunking", Günther et al. 2024), so they cost no time
and know their context. Each is kept as int8, scaled by 127.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from askacme.lib.sentences import spans
from governance.gateway.types import Vectors

MAX_WINDOWS = 40


def windows_of(text: str, begin: int) -> list[tuple[int, int]]:
    """The spans in `text` of the sentences from `begin` on, and of each two in a row."""
    found = [(begin + start, begin + end) for start, end in spans(text[begin:])]
    pairs = [(first[0], second[1]) for first, second in pairwise(found)]
    return [*found, *pairs][:MAX_WINDOWS]


def pack(windows: Vectors) -> bytes:
    """float32 rows of length 1 as int8, row by row."""
    return np.rint(windows * 127).astype(np.int8).tobytes()


def unpack(packed: bytes, dimension: int) -> NDArray[np.float32]:
    """float32 array of shape (n_windows, dimension), rows of length about 1."""
    return np.frombuffer(packed, dtype=np.int8).reshape(-1, dimension).astype(np.float32) / 127
