"""
A passage as the pieces that can be quoted: sentences, list items and table rows, each with what it hangs on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, zip_longest
from typing import Literal

from askacme.lib.sentences import spans
from governance.gateway.reader.words import plain
from governance.gateway.types import Passage

UnitKind = Literal["sentence", "item", "row"]

MAX_ITEM_CHARS = 320
"""A list item longer than this is prose with a bullet: its sentences are quoted one by one."""

SOFT_WRAP_CHARS = 60
"""A line at least this long that doesn't end a sentence was broken by the page's width, not by the author."""

_ITEM = re.compile(r"\s*(?:[-*+•▪◦‣●○–]|\d{1,2}[.)]|\(?[a-z][.)])\s+(?=\S)")
_FENCE = re.compile(r"\s*(```|~~~)")
_RULE = re.compile(r"[\s|:+=_*-]+")
_MARKUP = re.compile(
    r"(?:\s++|(?>\{%.*?%\})|(?>\{\{.*?\}\})|(?>\{:.*?\})|(?></?[a-zA-Z][^>]*>)|(?><!--.*?-->)|(?>!\[[^\]]{0,300}\]\([^)]*\)))++"
)
_ENDS = re.compile(r"[.!?:;,。！？][\"'”’)\]*_`]*$")
_MARK = re.compile(r"\[\d+\]")  # a footnote that would read as one of our marks
_DIGIT = re.compile(r"\d")
_WORDLIKE = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, slots=True)
class Unit:
    """
    One quotable piece.

    `text` is the passage's own, without its list marker and with white space folded. `index` is its place among the
    passage's units and `group` its paragraph, list or table. `lead` is the index of the sentence before a list or
    table, or of the item above a nested one; `header` the head of a row's table ("" where there is none).
    """

    n: int
    index: int
    kind: UnitKind
    text: str
    heading: str
    group: int
    lead: int | None = None
    header: str = ""

    @property
    def introduces(self) -> bool:
        """Whether it ends in a colon, and so says nothing without what follows."""
        return self.text.rstrip("*_ ").endswith((":", "："))


@dataclass(frozen=True, slots=True)
class _Block:
    kind: Literal["paragraph", "item", "row", "heading"]
    text: str
    follows_blank: bool


def units_of(passage: Passage) -> list[Unit]:
    """Cuts a passage into units, in reading order. Headings become context, never units."""
    return _Cutter(passage).cut(_blocks(passage.text))


def cells(row: str) -> list[str]:
    return [" ".join(cell.split()) for cell in row.strip().strip("|").split("|")]


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    lines: list[str] = []
    kind: Literal["paragraph", "item"] = "paragraph"
    opened_after_blank = blank = True

    def close() -> None:
        nonlocal lines, kind
        if lines:
            blocks.append(_Block(kind, "\n".join(lines), opened_after_blank))
        lines, kind = [], "paragraph"

    for line in [*text.splitlines(), ""]:
        if not line.strip() or _FENCE.match(line) or _MARKUP.fullmatch(line):
            close()
            blank = True
            continue
        if line.startswith("#") or _is_row(line):
            close()
            blocks.append(_Block("heading" if line.startswith("#") else "row", line, blank))
        elif _ITEM.match(line):
            close()
            kind, lines, opened_after_blank = "item", [line], blank
        else:
            opened_after_blank = opened_after_blank if lines else blank
            lines.append(line)
        blank = False
    return blocks


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|") or " | " in line


def _is_heading(block: _Block, following: _Block | None) -> bool:
    """A short line without an end that stands alone above other text is a heading that lost its markup."""
    text = block.text.strip()
    bare = block.kind == "paragraph" and "\n" not in text and len(text) <= 80 and not _ENDS.search(text)
    return bare and block.follows_blank and following is not None and following.follows_blank


def _unwrapped(text: str) -> str:
    """The block with the line breaks of a narrow page turned into spaces; those an author meant stay."""
    joined = text.splitlines()[:1]
    for above, line in pairwise(text.splitlines()):
        wrapped = len(above) >= SOFT_WRAP_CHARS and not _ENDS.search(above.rstrip())
        joined.append(f"{' ' if wrapped or line.strip()[:1].islower() else chr(10)}{line}")
    return "".join(joined)


def _table_head(rows: Sequence[str]) -> str:
    """
    The first row, if it names the columns; else "".

    It does when a rule follows it (Markdown), or when a column holds numbers everywhere but in its first row.
    """
    if len(rows) > 1 and _RULE.fullmatch(rows[1]):
        return rows[0]
    columns = list(zip(*map(cells, rows), strict=False))
    numeric = [[bool(_DIGIT.search(cell)) for cell in column] for column in columns]
    return rows[0] if len(rows) > 2 and any(not first and all(rest) for first, *rest in numeric) else ""


class _Cutter:
    """Walks the blocks of one passage and remembers what the next unit hangs on."""

    def __init__(self, passage: Passage) -> None:
        self.n = passage.n
        self.heading = plain(passage.heading.split(" > ")[-1])
        self.units: list[Unit] = []
        self.group = 0
        self.previous = ""

    def cut(self, blocks: Sequence[_Block]) -> list[Unit]:
        headed = [
            replace(block, kind="heading") if _is_heading(block, following) else block
            for block, following in zip_longest(blocks, blocks[1:])
        ]
        for kind, run in groupby(headed, key=lambda block: block.kind):
            texts = [block.text for block in run]
            if kind == "heading":
                self.heading = plain(texts[-1]).strip("#* ")
            elif kind == "paragraph":
                self._paragraphs(texts)
            elif kind == "item":
                self._items(texts)
            else:
                self._rows(texts)
            self.previous = kind
        return self.units

    def _paragraphs(self, texts: Sequence[str]) -> None:
        for text in map(_unwrapped, texts):
            self.group += 1
            for start, end in spans(text):
                self._add("sentence", text[start:end])

    def _items(self, texts: Sequence[str]) -> None:
        self.group += 1
        open_items: list[tuple[int, int | None]] = [(-1, self._last_sentence())]
        for text in texts:
            depth = len(text) - len(text.lstrip())
            while open_items[-1][0] >= depth:
                open_items.pop()
            lead, first = open_items[-1][1], len(self.units)
            self._item(_unwrapped(_ITEM.sub("", text, count=1)), lead)
            open_items.append((depth, first if len(self.units) > first else lead))

    def _item(self, text: str, lead: int | None) -> None:
        whole = len(plain(text)) <= MAX_ITEM_CHARS
        for start, end in [(0, len(text))] if whole else spans(text):
            self._add("item", text[start:end], lead)

    def _rows(self, texts: Sequence[str]) -> None:
        self.group += 1
        header, lead = _table_head(texts), self._last_sentence()
        for text in texts[1:] if header else texts:
            if not _RULE.fullmatch(text):
                self._add("row", text, lead, header)

    def _last_sentence(self) -> int | None:
        return self.units[-1].index if self.units and self.previous == "paragraph" else None

    def _add(self, kind: UnitKind, text: str, lead: int | None = None, header: str = "") -> None:
        text = " ".join(text.split())
        if _WORDLIKE.search(plain(text)) and not _MARK.search(text):
            self.units.append(Unit(self.n, len(self.units), kind, text, self.heading, self.group, lead, header))
