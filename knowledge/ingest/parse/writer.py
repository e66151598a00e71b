"""Builds a ParsedDocument block by block, so that every format lays its text out alike."""

from collections.abc import Iterable

from askacme.lib.errors import FileTooComplex
from knowledge.ingest.parse.clean import flowing, one_line, verbatim
from knowledge.ingest.parse.limits import MAX_CHARACTERS
from knowledge.ingest.parsed import Block, Kind, ParsedDocument

_TIGHT: frozenset[Kind] = frozenset({"list_item", "table_row"})


class TextWriter:
    """Blocks stand a blank line apart; items of a list and rows of a table follow each other line by line."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.headings: list[tuple[int, str]] = []
        self._parts: list[str] = []
        self._length = 0

    def heading(self, text: str, level: int, page: int | None = None) -> None:
        if title := one_line(text):
            self.headings.append((level, title))
            self._add("heading", title, min(max(level, 1), 6), page)

    def paragraph(self, text: str, page: int | None = None) -> None:
        self._add("paragraph", flowing(text), 0, page)

    def item(self, text: str, *, marker: str = "-", depth: int = 1, page: int | None = None) -> None:
        if body := flowing(text):
            self._add("list_item", f"{marker} {body}", min(max(depth, 1), 12), page)

    def row(self, cells: Iterable[str], page: int | None = None) -> None:
        values = [one_line(cell) for cell in cells]
        while values and not values[-1]:
            values.pop()
        self._add("table_row", " ".join(" | ".join(values).split()), 0, page)

    def code(self, text: str, page: int | None = None) -> None:
        self._add("code", verbatim(text), 0, page)

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

    def _gap(self, kind: Kind, level: int) -> str:
        indent = "  " * (level - 1) if kind == "list_item" else ""
        if not self.blocks:
            return indent
        return ("\n" if kind in _TIGHT and self.blocks[-1].kind == kind else "\n\n") + indent
