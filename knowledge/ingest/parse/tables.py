"""Rows of a sheet as text: each row says its headers, so that a row still means something alone in a chunk."""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple

from knowledge.ingest.parse.clean import clean, one_line
from knowledge.ingest.parse.plain import write_text
from knowledge.ingest.parse.writer import TextWriter

_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d(?:[-/]\d{2,4})?\Z")
_MAX_HEADER_CHARACTERS = 120
_MAX_TITLE_CHARACTERS = 120
_LABEL_CHARACTERS = 60


class Cell(NamedTuple):
    """A filled cell. `across` counts the columns and `down` the rows that it covers, itself included, when merged."""

    text: str
    is_words: bool
    is_bold: bool = False
    across: int = 1
    down: int = 1


Row = dict[int, Cell]  # by column; empty cells are left out


class TableWriter:
    """
    Takes a sheet's rows one by one and writes each block of rows between empty ones as a table.

    The first row that fills every column with words is the block's header: it is written as it stands, and every row
    below as "Header: value | Header: value". Without one, rows are written as "value | value". Lone cells above a table
    are its title or text.
    """

    def __init__(self, writer: TextWriter) -> None:
        self._writer = writer
        self._block: list[Row] = []

    def add(self, row: Row) -> None:
        if row:
            self._block.append(row)
        else:
            self.end_block()

    def end_block(self) -> None:
        """Write the rows since the last empty one."""
        rows, self._block = self._block, []
        above = list(takewhile(_is_lone, rows))
        rows = _filled_down(rows[len(above) :])
        for index, row in enumerate(above):
            self._lone(row, is_title=bool(rows) and index == len(above) - 1)
        columns = sorted({column for row in rows for column in row})
        rows = [_within(row, columns) for row in rows]
        size = _header_size(rows, columns)
        labels = _labels(rows[:size], columns)
        self._writer.begin_table()
        for row in rows[:size]:
            self._writer.row((cell.text for _, cell in sorted(row.items())))
        for row in rows[size:]:
            self._writer.row(_labelled(row, labels))

    def _lone(self, row: Row, *, is_title: bool) -> None:
        (cell,) = row.values()
        words = one_line(cell.text)
        if is_title and cell.is_words and len(words) <= _MAX_TITLE_CHARACTERS and not words.endswith((".", ";", ",")):
            self._writer.heading(words, 2)
        else:
            write_text(cell.text, self._writer)


def is_words(text: str) -> bool:
    """Whether a text says something in words, and isn't a number, date or code. Counts a year, as headers do."""
    letters = sum(map(str.isalpha, text))
    return letters >= 0.5 * sum(map(str.isalnum, text)) if letters else _YEAR.match(text) is not None


def _is_lone(row: Row) -> bool:
    return len(row) == 1


def _filled_down(rows: list[Row]) -> list[Row]:
    """The rows, with a cell merged over several of them in each: "Berlin" stands for every office beside it."""
    open_cells: dict[int, tuple[Cell, int]] = {}
    filled: list[Row] = []
    for row in rows:
        covered = {column: cell for column, (cell, _) in open_cells.items() if column not in row}
        open_cells = {column: (cell, left - 1) for column, (cell, left) in open_cells.items() if left > 1}
        open_cells |= {column: (cell, cell.down - 1) for column, cell in row.items() if cell.down > 1}
        filled.append({**covered, **row})
    return filled


def _within(row: Row, columns: list[int]) -> Row:
    """The row, its merged cells covering only columns that the table uses."""
    return {
        column: cell._replace(across=sum(column <= other < column + cell.across for other in columns))
        if cell.across > 1
        else cell
        for column, cell in row.items()
    }


def _header_size(rows: list[Row], columns: list[int]) -> int:
    """How many rows at the top are header: none, one, or two where the first groups the columns of the second."""
    if len(columns) < 2 or not rows:
        return 0
    groups = _spread({column: cell for column, cell in rows[0].items() if cell.across > 1}, columns)
    if groups and len(rows) > 2 and groups.keys() <= rows[1].keys() and _is_header(rows[1], columns):
        return 2
    return 1 if _is_header(rows[0], columns) and _stands_out(rows, columns) else 0


def _is_header(row: Row, columns: list[int]) -> bool:
    """Whether a row names every column, the first perhaps apart, in a few words each."""
    named = [row[column] for column in columns if column in row]
    missing = [column for column in columns if column not in row]
    return (
        missing in ([], columns[:1])
        and all(cell.is_words or not any(map(str.isalnum, cell.text)) for cell in named)
        and sum(len(cell.text) for cell in named) <= _MAX_HEADER_CHARACTERS * len(named)
    )


def _stands_out(rows: list[Row], columns: list[int]) -> bool:
    """Whether the first row differs from those below; a pair of words beside another may be just two pairs."""
    first, *body = rows
    if all(cell.is_bold for cell in first.values()) and not all(c.is_bold for row in body for c in row.values()):
        return True
    return len(columns) > 2 or len(body) > 2 or not body or (len(body) > 1 and not _all_words(body))


def _all_words(rows: list[Row]) -> bool:
    return all(cell.is_words for row in rows for cell in row.values())


def _labels(header: list[Row], columns: list[int]) -> dict[int, str]:
    """Each column's name, a group's before it: "2024 Budget"."""
    rows = [_spread(row, columns) for row in header]
    labels: dict[int, str] = {}
    for column in columns:
        parts = [_label(row[column].text) for row in rows if column in row]
        labels[column] = " ".join(dict.fromkeys(parts))
    return labels


def _label(text: str) -> str:
    """A header's first line, where a longer one goes on to explain it."""
    lines = [line.strip() for line in clean(text).split("\n") if line.strip()] or [""]
    return lines[0] if len(one_line(text)) > _LABEL_CHARACTERS else one_line(text)


def _spread(row: Row, columns: list[int]) -> Row:
    """The row, with a cell merged over several columns in each."""
    spread = dict(row)
    for column, cell in row.items():
        start = columns.index(column)
        spread |= dict.fromkeys(columns[start : start + cell.across], cell)
    return spread


def _labelled(row: Row, labels: dict[int, str]) -> Iterator[str]:
    for column, cell in sorted(row.items()):
        label = labels.get(column, "") if cell.across == 1 else ""
        yield f"{label}{' ' if label[-1] in ':?' else ': '}{cell.text}" if label else cell.text


def rows_of_texts(rows: Iterable[Iterable[str]]) -> Iterator[Row]:
    """Rows of plain texts as rows of cells."""
    for row in rows:
        stripped = ((column, text.strip()) for column, text in enumerate(row))
        yield {column: Cell(text, is_words(text)) for column, text in stripped if text}
