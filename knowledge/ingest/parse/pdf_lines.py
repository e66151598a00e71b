"""The lines of a PDF page with just enough geometry: where each begins and ends, how big and bold it is."""

import ctypes
import re
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium_c

from knowledge.ingest.parse.pdf_hidden import visible_text

WRAPPED_HYPHEN = "\ufffe"  # what PDFium puts for a hyphen at a line's end, having joined the two lines
_BOLD = re.compile(rb"bold|black|heavy|demi|semibd", re.IGNORECASE)
_BULLET_ONLY = re.compile(r"(?:[•●○◦▪■□▫❑➢➤✓✔–—*·\uf0b7\uf0a7\uf0d8\uf0fc-]|\(?\w{1,3}[.)])\Z")
_LEADERS = re.compile(r"(?:\s?\.){5,}\s*")  # "Liability ........ 27" in a table of contents
_GAP_EM = 1.6  # a wider gap than this between two words of a line separates columns; justified text stays below


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a page, in points, y upward from the page's foot.

    `position` is 0 at the page's foot, 1 at its top. `cells` is empty but for a row of a table.
    """

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float
    bold: bool
    position: float
    cells: tuple[str, ...] = ()


Row = tuple[Line, ...]


def rows_of(document: Any, index: int) -> tuple[list[Row], list[str]]:
    """
    What stands on the page line by line, in the order of its content, blank lines left out; and what can't be seen.

    A row has several parts when wide gaps divide it: cells of a table, or two columns of prose side by side.
    """
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            text, hidden = visible_text(page, text_page, text_page.get_text_range())
            return _Page(text_page, text, index + 1, page.get_height()).rows(), hidden
        finally:
            text_page.close()
    finally:
        page.close()


class _Page:
    """PDFium's character boxes, asked for only where a line or a word begins or ends: each call costs a microsecond."""

    def __init__(self, text_page: Any, text: str, number: int, height: float) -> None:
        self._raw = text_page
        self._number = number
        self._height = height or 1.0
        self._text = text
        self._rect = pdfium_c.FS_RECTF()
        self._matrix = pdfium_c.FS_MATRIX()
        self._name = ctypes.create_string_buffer(256)

    def rows(self) -> list[Row]:
        rows: list[Row] = []
        for found in re.finditer(r"[^\r\n]+", self._text):
            if stripped := found[0].strip():
                first = found.start() + found[0].index(stripped)
                rows += self._rows(first, first + len(stripped) - 1)
        return rows

    def _rows(self, first: int, last: int) -> list[Row]:
        """One line of PDFium's text: usually one row, more when its words jump back to the left."""
        shift = pdfium_c.FPDFText_GetCharIndexFromTextIndex(self._raw, first) - first
        size = self._size(first, last, shift)
        rows: list[list[Line]] = [[]]
        begin = first
        for space in re.finditer(r"\s+", self._text[first : last + 1]):
            before, after = first + space.start() - 1, first + space.end()
            gap = self._box(after + shift)[0] - self._box(before + shift)[2]
            wide = gap > _GAP_EM * size and not _BULLET_ONLY.match(self._text[begin : before + 1])
            back = gap < -_GAP_EM * size and self._box(after + shift)[3] > self._box(before + shift)[1]
            if wide or back:
                rows[-1].append(self._line(begin, before, shift))
                begin = after
            if back:
                rows.append([])
        rows[-1].append(self._line(begin, last, shift))
        return [tuple(row) for row in rows]

    def _line(self, first: int, last: int, shift: int) -> Line:
        left = self._box(first + shift)[0]
        _, bottom, right, _ = self._box(last + shift)
        text = _LEADERS.sub(" … ", self._text[first : last + 1])
        return Line(
            text=" ".join(text.split()),
            page=self._number,
            left=left,
            right=right,
            bottom=bottom,
            size=self._size(first, last, shift),
            bold=self._is_bold((first + last) // 2 + shift) and self._is_bold(last + shift),
            position=bottom / self._height,
        )

    def _box(self, index: int) -> tuple[float, float, float, float]:
        rect = self._rect
        pdfium_c.FPDFText_GetLooseCharBox(self._raw, index, rect)
        return rect.left, rect.bottom, rect.right, rect.top

    def _size(self, first: int, last: int, shift: int) -> float:
        """The middle one of three characters' sizes, since any one may be a drop cap or a raised mark."""
        return sorted(self._size_at(index + shift) for index in (first, (first + last) // 2, last))[1]

    def _size_at(self, index: int) -> float:
        """The font size as it shows: what the file says, scaled by the text's matrix."""
        pdfium_c.FPDFText_GetMatrix(self._raw, index, self._matrix)
        scale = max(abs(self._matrix.d), abs(self._matrix.b)) or 1.0
        size = pdfium_c.FPDFText_GetFontSize(self._raw, index) * scale
        return round(size, 1) if 0 < size < 1000 else 10.0

    def _is_bold(self, index: int) -> bool:
        flags = ctypes.c_int()
        pdfium_c.FPDFText_GetFontInfo(self._raw, index, self._name, len(self._name), flags)
        return _BOLD.search(self._name.value) is not None
