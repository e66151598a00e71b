"""HTML: what a reader of the page sees, without its navigation, scripts and hidden parts."""

import re
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from askacme.lib.errors import FileTooComplex, UnreadableFile
from knowledge.ingest.parse.asides import of_page, of_source
from knowledge.ingest.parse.decode import decode
from knowledge.ingest.parse.html_hidden import hidden_words, is_concealed
from knowledge.ingest.parse.titles import first_heading, pick_title
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

_UNSEEN = frozenset(
    """
    audio button canvas datalist dialog embed footer head iframe input map math nav noscript object option script select
    style svg template textarea video
    """.split()  # noqa: SIM905 - as a list of quoted words it fills the page
)
_LANDMARKS = frozenset({"navigation", "banner", "contentinfo", "search", "dialog"})
_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure form header hr
    html legend li main ol p section summary table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACE = re.compile(r"[ \t\r\n\f\v]+")


def parse(path: Path, filename: str) -> ParsedDocument:
    source = decode(path.read_bytes())
    root = tree_of(source)
    writer = TextWriter()
    writer.put_aside(of_source(source))
    write_tree(root, writer)
    named = root.findtext(".//title")
    title = pick_title(filename, first_heading(writer, level=1), named, first_heading(writer))
    return writer.finish(title, "text/html")


def tree_of(source: str) -> Any:
    """The page as a tree. Broken markup is repaired as browsers do; what nests absurdly deep is refused."""
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(source.encode("utf-8", errors="replace"), parser=parser)
    except etree.ParserError as error:
        raise UnreadableFile(
            "This page could not be read as HTML. Save it again from the browser and upload that."
        ) from error
    if any("depth" in entry.message for entry in parser.error_log):
        raise FileTooComplex("This page nests its elements too deep to be read. Save its text as a simpler file.")
    return root


def write_tree(root: Any, writer: TextWriter) -> None:
    """Write the visible blocks of a page, or of Markdown rendered to HTML."""
    writer.put_aside(of_page(root))
    _Page(writer).read(root)


class _Page:
    """One walk over the tree, without recursion: text gathers in `_inline` until a block begins or ends."""

    def __init__(self, writer: TextWriter) -> None:
        self._writer = writer
        self._inline: list[str] = []
        self._lists: list[int | None] = []  # for each open list the next number; None: bullets
        self._marker: str | None = None  # of the list item whose first text is still to come
        self._term_open = False  # between a <dt> and its <dd>

    def read(self, root: Any) -> None:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                if self._begin(element):
                    walk.skip_subtree()
            else:
                self._end(element)
                self._text(element.tail if element is not root else None)
        self._flush()

    def _begin(self, element: Any) -> bool:
        """Open an element; whether its inside has been dealt with."""
        tag = element.tag
        if not isinstance(tag, str) or is_furniture(element):
            return True
        if is_concealed(element):
            self._writer.hide(hidden_words(element))
            return True
        if tag in _BLOCKS:
            self._break()
        if self._whole(element, tag):
            return True
        if tag in {"ul", "ol"}:
            self._lists.append(_number(element.get("start"), 1) if tag == "ol" else None)
        elif tag in {"li", "dt", "dd"}:
            self._open_item(element, tag)
        elif tag == "br":
            self._inline.append("\n")
        elif tag == "img":
            self._text(element.get("alt"))
        self._text(element.text)
        return False

    def _whole(self, element: Any, tag: str) -> bool:
        """Write an element that is a block in itself."""
        if tag in _HEADINGS:
            self._flush()
            self._hide_inside(element)
            self._writer.heading(inline_text(element), _HEADINGS[tag])
        elif tag == "pre":
            self._flush()
            self._writer.code("".join(element.itertext()))
        elif tag == "table" and _is_data(element):
            self._flush()
            self._hide_inside(element)
            self._writer.begin_table()
            for row in element.iter("caption", "tr"):
                if is_concealed(row):
                    continue
                if row.tag == "caption":
                    self._writer.paragraph(inline_text(row))
                else:
                    self._writer.row(inline_text(cell) for cell in _cells(row))
        else:
            return False
        return True

    def _hide_inside(self, element: Any) -> None:
        walk = etree.iterwalk(element, events=("start",))
        for _, inner in walk:
            if isinstance(inner.tag, str) and is_concealed(inner):
                self._writer.hide(hidden_words(inner))
                walk.skip_subtree()

    def _open_item(self, element: Any, tag: str) -> None:
        if tag == "dd" and self._term_open and self._inline:
            self._inline.append(" " if "".join(self._inline).rstrip().endswith((":", "?")) else ": ")
            return
        self._flush()
        self._marker, self._term_open = "-", tag == "dt"
        if tag == "li" and self._lists and (number := self._lists[-1]) is not None:
            number = _number(element.get("value"), number)
            self._lists[-1] = number + 1
            self._marker = f"{number}."

    def _end(self, element: Any) -> None:
        tag = element.tag
        if tag == "dt":
            return
        if tag == "dd":
            self._term_open = False
        if tag in _BLOCKS:
            self._break()
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        if tag in {"li", "dd"}:
            self._marker = None

    def _text(self, text: str | None) -> None:
        if text:
            self._inline.append(_SPACE.sub(" ", text))

    def _break(self) -> None:
        if not self._term_open:
            self._flush()

    def _flush(self) -> None:
        text = "".join(self._inline)
        self._inline.clear()
        self._term_open = False
        if not text.strip():
            return
        if self._marker is None:
            self._writer.paragraph(text)
        else:
            self._writer.item(text, marker=self._marker, depth=max(len(self._lists), 1))
            self._marker = None


def is_furniture(element: Any) -> bool:
    """Whether the element is no part of what the page says: code, controls, and what stands on every page."""
    tag = element.tag
    if tag in _UNSEEN or element.get("aria-hidden") == "true" or element.get("role") in _LANDMARKS:
        return True
    if tag != "header":
        return False
    inside = any(parent.tag in {"article", "main", "section"} for parent in element.iterancestors())
    return not inside and element.find(".//h1") is None


def inline_text(element: Any) -> str:
    """All text inside, on one line: blocks and breaks become spaces, list items bullets."""
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        if event == "start":
            if not isinstance(inner.tag, str) or (inner.tag != "button" and is_furniture(inner)) or is_concealed(inner):
                walk.skip_subtree()
                continue
            if inner.tag in _BLOCKS or inner.tag == "br":
                parts.append(" • " if inner.tag == "li" else " ")
            parts += (inner.text or "", (inner.get("alt") or "") if inner.tag == "img" else "")
        elif inner is not element:
            parts += (" " if inner.tag in _BLOCKS else "", inner.tail or "")
    return _SPACE.sub(" ", "".join(parts)).strip()


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row.iterchildren("td", "th") if not is_concealed(cell)]


def _is_data(table: Any) -> bool:
    """Whether a table holds data, not the layout of a page or mail."""
    if next(table.iterdescendants("table", *_HEADINGS), None) is not None:
        return False
    return any(len(row) > 1 for row in table.iter("tr"))


def _number(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,9}", text) else default
