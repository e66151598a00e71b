"""Word documents: the text as it would print, without tracked deletions, comments, headers and footers."""

import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.package import Package
from docx.parts.document import DocumentPart
from lxml import etree

from askacme.lib.errors import UnreadableFile
from knowledge.ingest.parse.archive import check_archive
from knowledge.ingest.parse.asides import of_archive
from knowledge.ingest.parse.kind import WORD
from knowledge.ingest.parse.titles import first_heading, pick_title, unless_junk
from knowledge.ingest.parse.word_hidden import is_hidden
from knowledge.ingest.parse.word_styles import Numbering, Styles
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNSEEN = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}pPr", f"{_W}rPr"})
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT_BOX = f"{_W}txbxContent"
# With macros (.docm) or as a template, the text is the same; python-docx knows only the plain document.
for _kind in ("document.macroEnabled", "template.macroEnabledTemplate"):
    PartFactory.part_type_for[f"application/vnd.ms-word.{_kind}.main+xml"] = DocumentPart
_AS_TEXT = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def parse(path: Path, filename: str) -> ParsedDocument:
    check_archive(path)
    try:
        document: Any = Package.open(str(path)).main_document_part
        document = document.document
        body = document.element.body
        styles, numbering = Styles(document), Numbering(document)
        named = unless_junk(document.core_properties.title)
    except (OpcError, zipfile.BadZipFile, etree.LxmlError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise UnreadableFile(
            "This Word file is damaged. Open it in Word, save it as a new .docx, and upload that."
        ) from error
    writer = TextWriter()
    writer.put_aside(of_archive(path))
    reader = _Body(writer, styles, numbering)
    reader.read(body)
    title = pick_title(filename, named, reader.title, first_heading(writer))
    return writer.finish(title, WORD)


class _Body:
    def __init__(self, writer: TextWriter, styles: Styles, numbering: Numbering) -> None:
        self._writer = writer
        self._styles = styles
        self._numbering = numbering
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self.title: str | None = None

    def read(self, container: Any) -> None:
        for element in _blocks_in(container):
            if element.tag == f"{_W}p":
                self._paragraph(element)
            else:
                self._table(element)

    def _paragraph(self, paragraph: Any) -> None:
        text = self._shown(paragraph)
        if text.strip():
            self._write(paragraph, text)
        for box in _text_boxes(paragraph):
            self.read(box)

    def _shown(self, paragraph: Any) -> str:
        """The paragraph's text; what of it can't be seen is hidden."""
        hidden: list[str] = []
        text = text_of(paragraph, self._styles, hidden)
        self._writer.hide("".join(hidden))
        return text

    def _write(self, paragraph: Any, text: str) -> None:
        style = self._styles.of(paragraph)
        if style.is_title:
            self.title = self.title or text
        if style.heading_level is not None:
            self._writer.heading(text, style.heading_level)
        elif (numbered := self._numbering.of(paragraph, style)) is not None:
            list_id, depth = numbered
            self._writer.item(text, marker=self._marker(list_id, depth), depth=depth + 1)
        elif style.is_list:
            self._writer.item(text)
        else:
            self._writer.paragraph(text)

    def _marker(self, list_id: str, depth: int) -> str:
        """The item's number, counted as Word does: a shallower item starts the deeper ones anew."""
        start = self._numbering.start(list_id, depth)
        if start is None:
            return "-"
        counts = self._counts[list_id]
        counts[depth] = counts.get(depth, start - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        return f"{counts[depth]}."

    def _table(self, table: Any) -> None:
        rows = list(table.iterchildren(f"{_W}tr"))
        if all(len(list(_cells(row))) <= 1 for row in rows):  # a frame around text
            for row in rows:
                for cell in _cells(row):
                    self.read(cell)
            return
        self._writer.begin_table()
        for row in rows:
            self._writer.row(" ".join(map(self._shown, _paragraphs(cell))) for cell in _cells(row))


def text_of(paragraph: Any, styles: Styles, hidden: list[str]) -> str:
    """
    What the paragraph shows: runs, links, fields' results and insertions; no deletions, no field codes.

    The texts of runs that can't be seen are added to `hidden`.
    """
    parts: list[str] = []
    walk = etree.iterwalk(paragraph, events=("start",))
    for _, element in walk:
        if element.tag == f"{_W}r" and is_hidden(element, styles):
            hidden += [text.text or "" for text in element.iterchildren(f"{_W}t")]
            walk.skip_subtree()
        elif element.tag in _UNSEEN or element.tag in {_FALLBACK, _TEXT_BOX}:
            walk.skip_subtree()
        elif element.tag == f"{_W}t":
            parts.append(element.text or "")
        elif element.tag in _AS_TEXT:
            parts.append(_AS_TEXT[element.tag])
        elif element.tag == f"{_W}sym":
            parts.append("•")
    return "".join(parts)


def _blocks_in(container: Any) -> Iterator[Any]:
    """Paragraphs and tables in reading order, also those inside content controls and tracked insertions."""
    stack = [container.iterchildren()]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in {f"{_W}p", f"{_W}tbl"}:
            yield element
        elif element.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}customXml"}:
            stack.append(element.iterchildren())


def _text_boxes(paragraph: Any) -> Iterator[Any]:
    for box in paragraph.iter(_TEXT_BOX):
        outer = [parent.tag for parent in box.iterancestors()]
        within = outer[: outer.index(f"{_W}p")] if f"{_W}p" in outer else outer
        if _FALLBACK not in within and next(box.iterancestors(f"{_W}p"), None) is paragraph:
            yield box


def _cells(row: Any) -> Iterator[Any]:
    """The row's cells; what a merged cell covers in further rows is left out."""
    for cell in row.iter(f"{_W}tc"):
        if next(cell.iterancestors(f"{_W}tr")) is row:
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merge is None or merge.get(f"{_W}val") == "restart":
                yield cell


def _paragraphs(cell: Any) -> Iterator[Any]:
    return (p for p in cell.iter(f"{_W}p") if all(parent.tag != _FALLBACK for parent in p.iterancestors()))
