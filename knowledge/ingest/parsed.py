"""What parsing a file yields: its whole readable text, and the blocks it is made of."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "list_item", "table_row", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the text. `level` is a heading's level (1 to 6) or a list item's depth, else 0."""

    kind: Kind
    start: int
    end: int
    level: int
    page: int | None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """
    A file as text.

    `text[block.start:block.end]` is exactly the block; blocks are in order and never overlap; what lies between them
    is white space. The text is NFC, without control characters other than line breaks and tabs. `ocr_pages` are the
    pages whose text was recognised in a picture: it may be wrong where a letter was hard to read. `hidden` is what the
    file holds and a reader of it can't see: it is no part of the text, and there for the health card only; so are
    `asides`, comments and properties, which are no cause for alarm unless they speak to a model.
    """

    title: str
    media_type: str
    text: str
    blocks: tuple[Block, ...]
    page_count: int | None = None
    empty_pages: tuple[int, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    table_count: int = 0
    hidden: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # The sandbox hands a document over in JSON, which knows lists only.
        object.__setattr__(self, "ocr_pages", tuple(self.ocr_pages))
        object.__setattr__(self, "hidden", tuple(self.hidden))
        object.__setattr__(self, "asides", tuple(self.asides))
