"""From the lines of a PDF to blocks: running heads dropped, paragraphs joined, lists and headings told apart."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from knowledge.ingest.parse.hyphens import Dehyphenator
from knowledge.ingest.parse.pdf_lines import Line
from knowledge.ingest.parse.pdf_running import without_running_lines
from knowledge.ingest.parse.plain import LIST_MARK, list_marker
from knowledge.ingest.parse.writer import TextWriter

_BARE_MARK = re.compile(r"(?:[•●○◦▪■□▫❑➢➤✓✔*·]|\(?(?:\d{1,3}|[a-z])[.)])\Z")
_CLOSED = re.compile(r"[.!?:;…][\"'”’)\]]*\Z")
_LEADER = " … "
_MAX_HEADING_CHARACTERS = 160
_MAX_HEADING_LINES = 4
_COLUMN_POINTS = 40


@dataclass(slots=True)
class Piece:
    """A block in the making."""

    lines: list[Line]
    mark: str | None = None
    parts: list[str] = field(default_factory=list)

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def last(self) -> Line:
        return self.lines[-1]


def write_pages(pages: list[list[Line]], writer: TextWriter) -> None:
    """Write all pages' text; each block carries the number of the page it begins on."""
    pages = without_running_lines(pages)
    text = Dehyphenator(line.text for lines in pages for line in lines)
    layout = Layout(pages)
    indents: list[float] = []
    for piece, level in _with_overlines(layout):
        page = piece.first.page
        words = text.joined("".join(piece.parts))
        if piece.first.cells:
            writer.row((text.joined(cell) for cell in piece.first.cells), page)
        elif level is not None:
            writer.heading(f"{piece.mark or ''} {words}", level, page)
        elif piece.mark is not None:
            writer.item(words, marker=piece.mark, depth=_depth(indents, piece.first.left), page=page)
            continue
        else:
            writer.paragraph(words, page)
        indents.clear()


def _with_overlines(layout: "Layout") -> Iterator[tuple[Piece, int | None]]:
    """The blocks and their heading levels; "Chapter 5:" set small right above a bigger heading becomes part of it."""
    over: tuple[Piece, int] | None = None
    for piece in layout.pieces():
        level = layout.heading_level(piece)
        if over is not None:
            if level is not None and over[1] > level and _right_above(over[0].last, piece.first):
                piece.parts[:0] = [*over[0].parts, " "]
                piece.mark, piece.lines[:0] = over[0].mark, over[0].lines
            else:
                yield over
        over = None if level is None else (piece, level)
        if level is None:
            yield piece, None
    if over is not None:
        yield over


def _right_above(line: Line, below: Line) -> bool:
    return line.page == below.page and 0 < line.bottom - below.bottom < 2.2 * max(line.size, below.size)


def _depth(indents: list[float], left: float) -> int:
    while indents and left < indents[-1] - 4:
        indents.pop()
    if not indents or left > indents[-1] + 4:
        indents.append(left)
    return min(len(indents), 4)


class Layout:
    """What is usual in this document, measured once, and the decisions that follow from it."""

    def __init__(self, pages: list[list[Line]]) -> None:
        self._pages = [list(_with_marks(lines)) for lines in pages]
        self._lines = [line for lines in self._pages for line in lines]

    def pieces(self) -> Iterator[Piece]:
        """The blocks in order. A sentence that runs over a page's end stays one block."""
        piece: Piece | None = None
        for lines in self._pages:
            for line, edge in zip(lines, [0.0, *_right_edges(lines)], strict=False):
                had_room = piece is not None and piece.last.page == line.page and _had_room(piece.last, line, edge)
                if piece is not None and self._continues(piece, line, had_room=had_room):
                    piece.parts += ("\n" if had_room else " ", line.text)
                    piece.lines.append(line)
                    continue
                if piece is not None:
                    yield piece
                piece = _begun(line)
        if piece is not None:
            yield piece

    def heading_level(self, piece: Piece) -> int | None:
        """The level of a heading, told by a bigger or bolder font than the body's; None for other blocks."""
        first, words = piece.first, "".join(piece.parts)
        too_long = len(words) > _MAX_HEADING_CHARACTERS or len(piece.lines) > _MAX_HEADING_LINES
        if too_long or not any(map(str.isalpha, words)) or piece.mark == "-" or _LEADER in words:
            return None
        if first.size in self._heading_sizes:
            return 1 + min(self._heading_sizes.index(first.size), 3)
        all_bold = all(line.bold for line in piece.lines)
        if all_bold and first.size > 0.95 * self.body_size and not self.body_is_bold and words[-1] not in ".,;":
            return 1 + min(len(self._heading_sizes), 4)
        return None

    @cached_property
    def body_size(self) -> float:
        return _most_common(Counter(), ((line.size, len(line.text)) for line in self._lines), 10.0)

    @cached_property
    def body_is_bold(self) -> bool:
        body = [line for line in self._lines if line.size == self.body_size]
        return sum(len(line.text) for line in body if line.bold) > 0.5 * sum(len(line.text) for line in body)

    @cached_property
    def _heading_sizes(self) -> list[float]:
        """Sizes clearly above the body's, biggest first; nearly equal ones count once, as the bigger."""
        return sorted({line.size for line in self._lines if line.size >= 1.15 * self.body_size}, reverse=True)

    @cached_property
    def _pitch(self) -> dict[float, float]:
        """For each font size the usual distance from line to line."""
        seen: dict[float, Counter[float]] = {}
        for lines in self._pages:
            for above, below in pairwise(lines):
                drop = above.bottom - below.bottom
                if above.size == below.size and 0.8 * above.size < drop < 2.2 * above.size:
                    seen.setdefault(above.size, Counter())[round(drop * 2) / 2] += 1
        return {size: drops.most_common(1)[0][0] for size, drops in seen.items()}

    def _continues(self, piece: Piece, line: Line, *, had_room: bool) -> bool:
        """Whether `line` carries on the paragraph or item that `piece` has begun."""
        last = piece.last
        same_size = abs(line.size - last.size) <= 0.06 * last.size
        if line.cells or last.cells or _item(line) or not same_size:
            return False
        drop = last.bottom - line.bottom
        if line.page != last.page or drop < -0.5 * last.size:  # the next page or column
            return not _is_closed(last) and line.text[0].islower() and line.bold == last.bold
        near = drop <= 1.25 * self._pitch.get(last.size, 1.3 * last.size)
        return near and not _begins_anew(piece, line, had_room=had_room)


def _begins_anew(piece: Piece, line: Line, *, had_room: bool) -> bool:
    """Whether the line right below starts a paragraph of its own, though no wider gap says so."""
    last = piece.last
    ended = had_room or _is_closed(last)
    if line.bold != last.bold and (ended or last.bold):
        return True
    if piece.mark is not None and line.left < piece.first.left + 2:  # back at the bullet's margin
        return ended
    indented = len(piece.lines) > 1 and line.left > last.left + 0.8 * last.size
    return _is_closed(last) and (had_room or indented)


def _is_closed(line: Line) -> bool:
    return _CLOSED.search(line.text) is not None


def _begun(line: Line) -> Piece:
    found = _item(line)
    if found is None:
        return Piece([line], None, [line.text])
    return Piece([line], list_marker(found["mark"]), [line.text[found.end() :]])


def _item(line: Line) -> re.Match[str] | None:
    return LIST_MARK.match(line.text)


def _with_marks(lines: list[Line]) -> Iterator[Line]:
    """Bullets that stand alone joined with the line they belong to."""
    waiting: Line | None = None
    for line in lines:
        if waiting is not None and abs(line.bottom - waiting.bottom) < line.size and line.left > waiting.left:
            cells = (f"{waiting.text} {line.cells[0]}", *line.cells[1:]) if line.cells else ()
            yield replace(line, text=f"{waiting.text} {line.text}", left=waiting.left, cells=cells)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = line if _BARE_MARK.match(line.text) else None
        if waiting is None:
            yield line
    if waiting is not None:
        yield waiting


def _right_edges(lines: list[Line]) -> list[float]:
    """For each line how far right the lines that stand together with it reach."""
    edges: list[float] = []
    run: list[Line] = []
    for line in lines:
        if run and not _stands_under(run[-1], line):
            edges += [max(each.right for each in run)] * len(run)
            run = []
        run.append(line)
    return edges + [max((each.right for each in run), default=0.0)] * len(run)


def _stands_under(above: Line, line: Line) -> bool:
    drop = above.bottom - line.bottom
    near = abs(above.left - line.left) < _COLUMN_POINTS and 0 < drop < 1.7 * above.size
    return near and not above.cells and not line.cells


def _had_room(line: Line, following: Line, edge: float) -> bool:
    """Whether the next line's first word would still have fitted: then the line was broken on purpose."""
    if following.text[0].islower():
        return False
    per_character = (following.right - following.left) / max(len(following.text), 1)
    word = following.text.split(maxsplit=1)[0]
    return line.right + per_character * (len(word) + 1) < edge - line.size


def _most_common(counts: Counter[float], weighted: Iterator[tuple[float, int]], default: float) -> float:
    for value, weight in weighted:
        counts[value] += weight
    return counts.most_common(1)[0][0] if counts else default
