"""Builds a ParsedDocument block by block, so that every format lays its text out alike."""

from collections.abc import Iterable

from askacme.lib.errors import FileTooComplex
from knowledge.ingest.parse.clean import flowing, one_line, verbatim
from knowledge.ingest.parse.limits import MAX_CHARACTERS
from knowledge.ingest.parse.smuggled import smuggled
from knowledge.ingest.parsed import Block, Kind, ParsedDocument

_TIGHT: frozenset[Kind] = frozenset({"list_item", "table_row"})
_MAX_HIDDEN = 50
_HIDDEN_CHARACTERS = 1_000


class TextWriter:
    """
    Blocks stand a blank line apart; items of a list and rows of a table follow each other line by line.

    What a reader of the file can't see goes to `hide`, not into a block.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.headings: list[tuple[int, str]] = []
        self._parts: list[str] = []
        self._length = 0
        self._hidden: dict[str, None] = {}  # each once, in order
        self._asides: dict[str, None] = {}
        self._tables = 0
        self._table_is_open = False

    def heading(self, text: str, level: int, page: int | None = None) -> None:
        self.look_behind(text)
        if title := one_line(text):
            self.headings.append((level, title))
            self._add("heading", title, min(max(level, 1), 6), page)

    def paragraph(self, text: str, page: int | None = None) -> None:
        self.look_behind(text)
        self._add("paragraph", flowing(text), 0, page)

    def item(self, text: str, *, marker: str = "-", depth: int = 1, page: int | None = None) -> None:
        self.look_behind(text)
        if body := flowing(text):
            self._add("list_item", f"{marker} {body}", min(max(depth, 1), 12), page)

    def row(self, cells: Iterable[str], page: int | None = None) -> None:
        texts = list(cells)
        self.look_behind(*texts)
        values = [one_line(text) for text in texts]
        while values and not values[-1]:
            values.pop()
        self._add("table_row", " ".join(" | ".join(values).split()), 0, page)

    def code(self, text: str, page: int | None = None) -> None:
        self.look_behind(text)
        self._add("code", verbatim(text), 0, page)

    def begin_table(self) -> None:
        """The rows to come are a table of their own, also when they stand right below another."""
        self._table_is_open = False

    def hide(self, text: str) -> None:
        """Keep what can't be seen for the health card: the first of it, each text once."""
        if (words := one_line(text)[:_HIDDEN_CHARACTERS]) and len(self._hidden) < _MAX_HIDDEN:
            self._hidden[words] = None

    def put_aside(self, texts: Iterable[str]) -> None:
        """Keep comments and properties for the health card, those that are sentences."""
        for text in texts:
            words = one_line(text)[:_HIDDEN_CHARACTERS]
            if " " in words and len(self._asides) < _MAX_HIDDEN:
                self._asides[words] = None

    def look_behind(self, *texts: str) -> None:
        """Hide what the texts carry in characters without a shape. Call it on what is cleaned before it is written."""
        for text in texts:
            if not text.isascii():
                for found in smuggled(text):
                    self.hide(found)

    def finish(
        self,
        title: str,
        media_type: str,
        *,
        page_count: int | None = None,
        empty_pages: tuple[int, ...] = (),
        ocr_pages: tuple[int, ...] = (),
    ) -> ParsedDocument:
        return ParsedDocument(
            title=title,
            media_type=media_type,
            text="".join(self._parts),
            blocks=tuple(self.blocks),
            page_count=page_count,
            empty_pages=empty_pages,
            ocr_pages=ocr_pages,
            table_count=self._tables,
            hidden=tuple(self._hidden),
            asides=tuple(self._asides),
        )

    def _add(self, kind: Kind, text: str, level: int, page: int | None) -> None:
        if not text.strip():
            return
        gap = self._gap(kind, level)
        start = self._length + len(gap)
        self._length = start + len(text)
        if self._length > MAX_CHARACTERS:
            raise FileTooComplex(
                f"This file holds more than {MAX_CHARACTERS // 1_000_000} million characters. "
                "Split it into smaller files and upload those."
            )
        self._parts += (gap, text)
        self.blocks.append(Block(kind, start, self._length, level, page))
        self._tables += kind == "table_row" and not self._table_is_open
        self._table_is_open = kind == "table_row"

    def _gap(self, kind: Kind, level: int) -> str:
        indent = "  " * (level - 1) if kind == "list_item" else ""
        if not self.blocks:
            return indent
        return ("\n" if kind in _TIGHT and self.blocks[-1].kind == kind else "\n\n") + indent
