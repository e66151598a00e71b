"""A long text in pieces that an embedding model reads to their end."""

from collections.abc import Sequence

WINDOW_CHARS = 900
"""The default model reads 256 word pieces: some thousand characters of prose."""
STEP_CHARS = 600
"""They overlap by a third, so that no sentence is only seen in halves."""


def windows(text: str) -> Sequence[str]:
    """The text itself when it is short; else pieces of it that overlap and leave nothing out."""
    if len(text) <= WINDOW_CHARS:
        return [text]
    last = len(text) - WINDOW_CHARS
    return [text[start : start + WINDOW_CHARS] for start in [*range(0, last, STEP_CHARS), last]]
