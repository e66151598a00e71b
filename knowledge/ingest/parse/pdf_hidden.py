"""
Words of a PDF page that can't be seen: off the page, too small to read, drawn without ink, or in their ground's colour.

Whether words show is told by the page as it is drawn: words that may not (pale, transparent) and leave no trace there
are hidden. The text that scanners lay under their pictures is drawn without ink too; it says what the picture shows.
"""

import ctypes
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium_c

from knowledge.ingest.parse.limits import MAX_PIXELS

_PALE_FROM = 200  # the darkest channel of a colour that a white page swallows
_FAINT_BELOW = 26  # of 255, opacity
_TRACE = 12  # of 255: a difference in brightness that can be seen
_TINY_POINTS = 2.0
_COVERS = 0.5  # a picture this large, of its page, is a scan
_WORD = re.compile(r"\S+")
Box = tuple[float, float, float, float]


def visible_text(page: Any, text_page: Any, text: str) -> tuple[str, list[str]]:
    """The page's text with blanks where it can't be seen, and what was there, run by run."""
    glance = _Glance(page, text_page, text)
    hidden = [span for span in glance.doubtful() if glance.is_hidden(*span)]
    if not hidden:
        return text, []
    characters = list(text)
    for start, end in hidden:
        characters[start:end] = " " * (end - start)
    return "".join(characters), [text[start:end] for start, end in _joined(hidden)]


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbouring words as one run."""
    begin, last = spans[0]
    for start, end in spans[1:]:
        if start - last > 2:
            yield begin, last
            begin = start
        last = end
    yield begin, last


class _Glance:
    """Each word is asked for its box and its colour; the page is drawn only when one of them is in doubt."""

    def __init__(self, page: Any, text_page: Any, text: str) -> None:
        self._page = page
        self._raw = text_page
        self._text = text
        self._rect = pdfium_c.FS_RECTF()
        self._channels = [ctypes.c_uint() for _ in range(4)]
        left, bottom, right, top = page.get_bbox()
        self._bounds: Box = (left, bottom, right, top)
        self._doubts = (self._is_pale, self._is_tiny, self._is_outside, self._may_be_covered)

    def doubtful(self) -> Iterator[tuple[int, int]]:
        shift, line_end = 0, -1
        for word in _WORD.finditer(self._text):
            if word.start() > line_end:
                line_end = self._text.find("\n", word.start())
                line_end = len(self._text) if line_end < 0 else line_end
                shift = pdfium_c.FPDFText_GetCharIndexFromTextIndex(self._raw, word.start()) - word.start()
            first = word.start() + shift
            if any(doubt(first) for doubt in self._doubts) or not self._has_ink(first):
                yield word.span()

    def is_hidden(self, start: int, end: int) -> bool:
        shift = pdfium_c.FPDFText_GetCharIndexFromTextIndex(self._raw, start) - start
        first, last = self._box(start + shift), self._box(end - 1 + shift)
        if last[2] <= first[0]:
            last = first  # broken over two lines: its first letter speaks for it
        if self._is_tiny(start + shift) or self._is_outside(start + shift):
            return True
        if not self._has_ink(start + shift) and self._is_scan:
            return False
        return not self._leaves_trace((first[0], min(first[1], last[1]), last[2], max(first[3], last[3])))

    def _is_pale(self, index: int) -> bool:
        red, green, blue, opacity = self._channels
        if not pdfium_c.FPDFText_GetFillColor(self._raw, index, red, green, blue, opacity):
            return False
        return opacity.value < _FAINT_BELOW or min(red.value, green.value, blue.value) >= _PALE_FROM

    def _is_tiny(self, index: int) -> bool:
        left, bottom, right, top = self._box(index)
        return 0 < max(top - bottom, right - left) < _TINY_POINTS

    def _is_outside(self, index: int) -> bool:
        left, bottom, right, top = self._box(index)
        x, y = (left + right) / 2, (bottom + top) / 2
        return not (self._bounds[0] <= x <= self._bounds[2] and self._bounds[1] <= y <= self._bounds[3])

    def _may_be_covered(self, index: int) -> bool:
        """Whether a picture lies here, over the word or under it; a scan's text says what its picture shows."""
        if not self._pictures:
            return False
        left, bottom, right, top = self._box(index)
        x, y = (left + right) / 2, (bottom + top) / 2
        return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in self._pictures)

    def _has_ink(self, index: int) -> bool:
        drawn = pdfium_c.FPDFText_GetTextObject(self._raw, index)
        mode = pdfium_c.FPDFTextObj_GetTextRenderMode(drawn) if drawn else pdfium_c.FPDF_TEXTRENDERMODE_FILL
        return bool(mode not in {pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP})

    def _box(self, index: int) -> Box:
        rect = self._rect
        pdfium_c.FPDFText_GetLooseCharBox(self._raw, index, rect)
        return rect.left, rect.bottom, rect.right, rect.top

    @cached_property
    def _is_scan(self) -> bool:
        return any(self._is_large(box) for box in self._drawn_pictures)

    @cached_property
    def _pictures(self) -> list[Box]:
        return [] if self._is_scan else self._drawn_pictures

    @cached_property
    def _drawn_pictures(self) -> list[Box]:
        images = self._page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE])
        return [image.get_bounds() for image in images]

    def _is_large(self, box: Box) -> bool:
        left, bottom, right, top = self._bounds
        area = max((right - left) * (top - bottom), 1.0)
        return (box[2] - box[0]) * (box[3] - box[1]) >= _COVERS * area

    @cached_property
    def _drawn(self) -> Any:
        """The page as uint8 of shape (height, width, 3), one pixel a point or fewer; as it lies before rotation."""
        left, bottom, right, top = self._bounds
        scale = min(1.0, (MAX_PIXELS / max((right - left) * (top - bottom), 1.0)) ** 0.5)
        bitmap = self._page.render(scale=scale, rotation=-self._page.get_rotation() % 360, draw_annots=False)
        try:
            return bitmap.to_numpy()[:, :, :3].copy()
        finally:
            bitmap.close()

    def _leaves_trace(self, box: Box) -> bool:
        left, bottom, right, top = self._bounds
        height, width = self._drawn.shape[:2]
        across, down = width / max(right - left, 1.0), height / max(top - bottom, 1.0)
        x0, x1 = int((box[0] - left) * across), int(np.ceil((box[2] - left) * across))
        y0, y1 = int((top - box[3]) * down), int(np.ceil((top - box[1]) * down))
        piece = self._drawn[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        return bool(piece.size and np.ptp(piece.reshape(-1, 3).astype(int), axis=0).max() > _TRACE)
