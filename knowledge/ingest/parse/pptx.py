"""
PowerPoint presentations: a slide is a page, its title a heading, and what the speaker says stands below it.

Hidden slides and notes are read like the rest: whoever opens the file finds them. Shapes that are switched off or
beside the slide are not. Footers, dates and slide numbers are left out, pictures' descriptions too.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree
from pptx.enum.shapes import PP_PLACEHOLDER as ROLE
from pptx.exc import PythonPptxError
from pptx.package import Package

from askacme.lib.errors import FileTooComplex, UnreadableFile
from knowledge.ingest.parse.archive import check_archive
from knowledge.ingest.parse.asides import of_archive
from knowledge.ingest.parse.cell_format import shown
from knowledge.ingest.parse.kind import POWERPOINT
from knowledge.ingest.parse.limits import MAX_PAGES
from knowledge.ingest.parse.slide_bullets import Bullets
from knowledge.ingest.parse.slide_hidden import is_off, split_by_size, words_of
from knowledge.ingest.parse.titles import pick_title, unless_junk
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

_FURNITURE = frozenset({ROLE.DATE, ROLE.FOOTER, ROLE.HEADER, ROLE.SLIDE_NUMBER})
_TITLES = frozenset({ROLE.TITLE, ROLE.CENTER_TITLE, ROLE.VERTICAL_TITLE})
_PLAIN = _TITLES | {ROLE.SUBTITLE}
_SECTION_LAYOUTS = frozenset({"title", "secHead"})
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EMPTY_LINE = re.compile(r"[\n\v]\s*[\n\v]\s*")
_ROWS_OF_SHAPES = 24  # shapes whose tops differ by less than this part of the slide's height stand side by side
_BROKEN = (
    PythonPptxError,
    zipfile.BadZipFile,
    etree.LxmlError,
    KeyError,
    IndexError,
    ValueError,
    AttributeError,
    TypeError,
    NotImplementedError,
)


def parse(path: Path, filename: str) -> ParsedDocument:
    check_archive(path)
    writer = TextWriter()
    try:
        writer.put_aside(of_archive(path))
        part: Any = Package.open(str(path)).main_document_part
        deck = part.presentation
        count = len(deck.slides)
        if count > MAX_PAGES:
            raise FileTooComplex(f"This presentation has {count:,} slides. Split it into smaller files.")
        for number, slide in enumerate(deck.slides, 1):
            _Slide(writer, slide, number, (deck.slide_width or 1, deck.slide_height or 1)).read()
        named = unless_junk(deck.core_properties.title)
    except _BROKEN as error:
        raise UnreadableFile(
            "This PowerPoint file is damaged. Open it in PowerPoint, save it as a new .pptx, and upload that."
        ) from error
    filled = {block.page for block in writer.blocks}
    return writer.finish(
        pick_title(filename, named, next((text for _, text in writer.headings), None)),
        POWERPOINT,
        page_count=count,
        empty_pages=tuple(number for number in range(1, count + 1) if number not in filled),
    )


class _Slide:
    def __init__(self, writer: TextWriter, slide: Any, number: int, size: tuple[int, int]) -> None:
        self._writer = writer
        self._slide = slide
        self._page = number
        self._width, self._height = size

    def read(self) -> None:
        """Write title, shapes and notes."""
        title = self._slide.shapes.title
        if title is not None and not is_off(title, self._width, self._height):
            self._title(title.text_frame.text)
        for shape in self._in_order(self._slide.shapes):
            if is_off(shape, self._width, self._height):
                self._writer.hide(words_of(shape))
            elif title is None or shape.shape_id != title.shape_id:
                self._shape(shape)
        self._notes()

    def _title(self, text: str) -> None:
        """The heading; what stands below it after an empty line is the speaker, a date and the like."""
        is_section = self._slide.slide_layout.element.get("type") in _SECTION_LAYOUTS
        words, *below = _EMPTY_LINE.split(text.strip())
        self._writer.heading(words, 1 if is_section else 2, self._page)
        for paragraph in below:
            self._writer.paragraph(paragraph, self._page)

    def _in_order(self, shapes: Any) -> Iterator[Any]:
        """Shapes row by row from the top, and in a row from the left; those without a place first."""
        placed = [shape for shape in shapes if shape.top is not None and shape.left is not None]
        yield from (shape for shape in shapes if shape.top is None or shape.left is None)
        row: list[Any] = []
        for shape in sorted(placed, key=lambda each: each.top):
            if row and shape.top - row[0].top > self._height // _ROWS_OF_SHAPES:
                yield from sorted(row, key=lambda each: each.left)
                row = []
            row.append(shape)
        yield from sorted(row, key=lambda each: each.left)

    def _shape(self, shape: Any) -> None:
        if shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
            return
        if hasattr(shape, "shapes"):  # a group
            for inner in self._in_order(shape.shapes):
                self._shape(inner)
        elif shape.has_text_frame:
            self._text(shape)
        elif shape.has_table:
            self._table(shape.table)
        elif shape.has_chart:
            self._chart(shape.chart)
        else:
            self._diagram(shape)

    def _text(self, shape: Any) -> None:
        bullets = Bullets(shape, self._slide.slide_layout)
        paragraphs = [paragraph for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()]
        role = shape.placeholder_format.type if shape.is_placeholder else None
        for paragraph in paragraphs:
            text, hidden = split_by_size(paragraph)
            self._writer.hide(hidden)
            marker = None if role in _PLAIN else bullets.marker(paragraph)
            if marker is None or len(paragraphs) == 1:
                self._writer.paragraph(text, self._page)
            else:
                self._writer.item(text, marker=marker, depth=paragraph.level + 1, page=self._page)

    def _table(self, table: Any) -> None:
        self._writer.begin_table()
        for row in table.rows:
            self._writer.row((cell.text for cell in row.cells if not cell.is_spanned), self._page)

    def _chart(self, chart: Any) -> None:
        """The chart's title, and a row for each of its categories."""
        if chart.has_title and chart.chart_title.has_text_frame:
            self._writer.paragraph(chart.chart_title.text_frame.text, self._page)
        plot = next(iter(chart.plots), None)
        if plot is None:
            return
        self._writer.begin_table()
        number_format = chart.element.findtext(".//{*}val//{*}formatCode") or "General"
        series = [(str(each.name or ""), list(each.values)) for each in plot.series]
        for index, category in enumerate(plot.categories):
            named = ((name, values[index]) for name, values in series if index < len(values))
            cells = (
                f"{name}: {shown(value, number_format)}" if name else shown(value, number_format)
                for name, value in named
                if value is not None
            )
            self._writer.row([str(category), *cells], self._page)

    def _diagram(self, shape: Any) -> None:
        """SmartArt: the text of each of its points."""
        found = shape.element.find(f".//{_DIAGRAM}relIds")
        if found is None:
            return
        data = self._slide.part.related_part(found.get(f"{_RELATION}dm")).blob
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        for point in root.iter(f"{_DIAGRAM}pt"):
            for paragraph in point.iter(f"{_A}p"):
                self._writer.item("".join(text.text or "" for text in paragraph.iter(f"{_A}t")), page=self._page)

    def _notes(self) -> None:
        if not self._slide.has_notes_slide:
            return
        frame = self._slide.notes_slide.notes_text_frame
        paragraphs = [each.text for each in frame.paragraphs if each.text.strip()] if frame is not None else []
        for text in ["Notes:", *paragraphs] if paragraphs else []:
            self._writer.paragraph(text, self._page)
