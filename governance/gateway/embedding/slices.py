"""Large calls, cut into passes of about the same work."""

from collections.abc import Sequence

SLICE_TOKENS = 1024
"""
About a tenth of a second of one core's work in bfloat16; larger passes are no faster, and a question that comes
meanwhile waits for the end of one.
"""


def short_first(sizes: Sequence[int]) -> list[int]:
    """The places of `sizes` in the order in which they are best run: equal lengths side by side."""
    return sorted(range(len(sizes)), key=sizes.__getitem__)
