"""
Excel workbooks: the sheets that can be seen, with the values that were last calculated.

Hidden sheets are left out: they hold what the author chose not to show, lists behind drop-downs and the like. What
they say in whole sentences is kept for the health card, as are sentences in white on white. Hidden rows and columns
are read, since filters hide them as well.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from itertools import chain, dropwhile, islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from askacme.lib.errors import FileTooComplex, UnreadableFile
from knowledge.ingest.parse.archive import check_archive
from knowledge.ingest.parse.asides import of_archive
from knowledge.ingest.parse.cell_format import shown
from knowledge.ingest.parse.delimited import TOO_MANY_CELLS
from knowledge.ingest.parse.kind import EXCEL
from knowledge.ingest.parse.limits import MAX_CELLS
from knowledge.ingest.parse.merged_cells import Merges, merges_of
from knowledge.ingest.parse.tables import Cell, Row, TableWriter, is_words
from knowledge.ingest.parse.titles import pick_title, unless_junk
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

_DEFAULT_NAME = re.compile(r"(?:sheet|tabelle|blatt|feuil|hoja|foglio) ?\d*\Z", re.IGNORECASE)
_SAYS_SOMETHING = 4  # words: less is a list's entry or a table's head
_SHOWS_NOTHING = ";;;"  # a number format that leaves every kind of value blank
_HIDDEN_ROWS = 1_000
_MAX_POSITIONS = 20_000_000  # cells passed over, the empty ones included
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    etree.LxmlError,
    ParseError,
    KeyError,
    IndexError,
    ValueError,
    AttributeError,
    TypeError,
    OverflowError,
    OSError,  # what openpyxl says when a workbook's main part is missing
)


def parse(path: Path, filename: str) -> ParsedDocument:
    check_archive(path)
    writer = TextWriter()
    try:
        writer.put_aside(of_archive(path))
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # of features that openpyxl couldn't keep on saving
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                _write_sheets(book, merges_of(path), writer)
                named = unless_junk(book.properties.title)
            finally:
                book.close()
    except _BROKEN as error:
        raise UnreadableFile(
            "This Excel file is damaged. Open it in Excel, save it as a new .xlsx, and upload that."
        ) from error
    return writer.finish(pick_title(filename, named), EXCEL)


def _write_sheets(book: Any, merges: dict[str, Merges], writer: TextWriter) -> None:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    reader = _Reader(writer)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            reader.look_into(sheet)
    for sheet in sheets:
        rows = dropwhile(lambda row: not row, reader.rows(sheet, merges.get(sheet.title, {})))
        first = next(rows, None)
        if first is None:
            continue
        if len(sheets) > 1 or not _DEFAULT_NAME.match(sheet.title):
            writer.heading(sheet.title, 1)
        table = TableWriter(writer)
        for row in chain([first], rows):
            table.add(row)
        table.end_block()


class _Reader:
    """Reads rows and counts what the whole workbook holds. What can't be seen is hidden."""

    def __init__(self, writer: TextWriter) -> None:
        self._writer = writer
        self._cells = 0
        self._positions = 0

    def rows(self, sheet: Any, merges: Merges) -> Iterator[Row]:
        sheet.reset_dimensions()  # what a file says of its size is often wrong, by a million rows at times
        for number, cells in enumerate(sheet.iter_rows(), 1):
            row = {
                column: _cell(cell, text, *merges.get((number, column), (1, 1)))
                for column, cell in enumerate(cells, 1)
                if cell.value is not None and (text := _text(cell)) and not self._is_hidden(cell, text)
            }
            self._cells += len(row)
            self._positions += len(cells)
            if self._cells > MAX_CELLS or self._positions > _MAX_POSITIONS:
                raise FileTooComplex(TOO_MANY_CELLS)
            yield row

    def look_into(self, sheet: Any) -> None:
        """Hide the sentences of a sheet that isn't shown."""
        for row in islice(self.rows(sheet, {}), _HIDDEN_ROWS):
            for cell in row.values():
                if len(cell.text.split()) >= _SAYS_SOMETHING:
                    self._writer.hide(cell.text)

    def _is_hidden(self, cell: Any, text: str) -> bool:
        unseen = cell.number_format == _SHOWS_NOTHING or _is_white_on_white(cell)
        if len(text.split()) < _SAYS_SOMETHING or not unseen:
            return False
        self._writer.hide(text)
        return True


def _is_white_on_white(cell: Any) -> bool:
    colour = cell.font.color
    said = colour.rgb if colour is not None and colour.type == "rgb" else None
    return cell.fill.fill_type is None and isinstance(said, str) and said.upper() in {"FFFFFFFF", "00FFFFFF"}


def _text(cell: Any) -> str:
    return "" if cell.data_type == "e" else shown(cell.value, cell.number_format).strip()


def _cell(cell: Any, text: str, down: int, across: int) -> Cell:
    said = isinstance(cell.value, str) or text.isdigit()
    return Cell(text, is_words=said and is_words(text), is_bold=bool(cell.font.b), across=across, down=down)
