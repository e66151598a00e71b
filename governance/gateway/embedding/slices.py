"""Large calls, cut into pieces of about the same work."""

from collections.abc import Iterator, Sequence

SLICE_TOKENS = 1024
"""
About a tenth of a second of one core's work in bfloat16; larger slices are no faster, and a question that comes
meanwhile waits for the end of one.
"""


def slices(sizes: Sequence[int]) -> Iterator[list[int]]:
    """The places of `sizes`, short ones first, in groups of at most SLICE_TOKENS (more only for one that is larger)."""
    group: list[int] = []
    total = 0
    for place in sorted(range(len(sizes)), key=sizes.__getitem__):
        if group and total + sizes[place] > SLICE_TOKENS:
            yield group
            group, total = [], 0
        group.append(place)
        total += sizes[place]
    if group:
        yield group
