"""A version's text as people read it: its blocks, with one passage marked."""

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.documents.models import DocumentVersion

AROUND_CHARS = 400
CELL_BORDER = " | "


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` (included) to `end` (excluded) of a version's text."""

    start: int
    end: int

    def within(self, outer: "Span") -> "Span":
        return Span(min(max(self.start, outer.start), outer.end), max(min(self.end, outer.end), outer.start))


@dataclass(frozen=True, slots=True)
class Segment:
    """Text cut in three: `before`, `marked` and `after` the passage's share. `opens`: the passage begins here."""

    before: str
    marked: str
    after: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """
    A block, or the part of it that is shown: one segment, or a table row's cells.

    `new_page` is the number of the page that begins with this block.
    """

    kind: str
    level: int
    segments: list[Segment]
    new_page: int | None
    is_cut_before: bool
    is_cut_after: bool


def span_of(version: DocumentVersion, start: str | None, end: str | None) -> Span | None:
    """The span that an address names, or None when it names none that lies within the text."""
    if not (start or "").isdecimal() or not (end or "").isdecimal():
        return None
    span = Span(int(start or 0), int(end or 0))
    return span if span.start < span.end <= len(version.text) else None


def read(version: DocumentVersion, passage: Span | None) -> list[Piece]:
    """The whole text."""
    return list(pieces(version, passage or Span(0, 0), Span(0, len(version.text))))


def surroundings(version: DocumentVersion, passage: Span) -> list[Piece]:
    """The passage with some 400 characters on either side, cut between words."""
    text = version.text
    start, end = max(0, passage.start - AROUND_CHARS), min(len(text), passage.end + AROUND_CHARS)
    while 0 < start < passage.start and not text[start - 1].isspace():
        start += 1
    while passage.end < end < len(text) and not text[end].isspace():
        end -= 1
    return list(pieces(version, passage, Span(start, end)))


def pieces(version: DocumentVersion, passage: Span, shown: Span) -> Iterator[Piece]:
    page, opened = None, False
    for kind, start, end, level, block_page in version.blocks or [["paragraph", 0, len(version.text), 0, None]]:
        whole = Span(start, end)
        part = whole.within(shown)
        if part.start < part.end:
            segments = []
            for cell in cells(version.text, kind, part):
                segments.append(segment(version.text, cell, passage, opened=opened))
                opened = opened or segments[-1].opens
            new_page = block_page if block_page != page else None
            yield Piece(kind, level, segments, new_page, part.start > whole.start, part.end < whole.end)
        page = block_page


def cells(text: str, kind: str, part: Span) -> Iterator[Span]:
    """A table row's cells; any other block is one."""
    start = part.start
    while kind == "table_row" and (border := text.find(CELL_BORDER, start, part.end)) >= 0:
        yield Span(start, border)
        start = border + len(CELL_BORDER)
    yield Span(start, part.end)


def segment(text: str, part: Span, passage: Span, *, opened: bool) -> Segment:
    """`opened` says that the passage began before."""
    overlaps = passage.start < part.end and passage.end > part.start
    mark = passage.within(part) if overlaps else Span(part.end, part.end)
    return Segment(
        text[part.start : mark.start],
        text[mark.start : mark.end],
        text[mark.end : part.end],
        opens=overlaps and not opened,
    )
