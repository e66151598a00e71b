"""
One function from a file to its text: `parse_file`.

A format is a module with one `parse(path, filename) -> ParsedDocument` and a line in `PARSERS`. Parsers read hostile
files: call them through `knowledge.ingest.sandbox`, never in a process that others depend on.
"""

from collections.abc import Callable
from pathlib import Path

from askacme.lib.errors import NoTextFound
from knowledge.ingest.parse import docx, html, markdown, pdf, plain
from knowledge.ingest.parse.kind import MediaType, media_type_of
from knowledge.ingest.parsed import ParsedDocument

PARSERS: dict[MediaType, Callable[[Path, str], ParsedDocument]] = {
    "application/pdf": pdf.parse,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": docx.parse,
    "text/html": html.parse,
    "text/markdown": markdown.parse,
    "text/plain": plain.parse,
}
NO_TEXT = (
    "no text found (a scan?). Upload a version whose text can be selected and copied, for instance after text "
    "recognition (OCR)."
)


def parse_file(path: Path, filename: str) -> ParsedDocument:
    """
    Read a file of any accepted kind.

    `filename` is the name people know it by: its ending must fit the content. Raises the leaves of UnreadableFile and
    UnsupportedFile, whose messages are for the person who uploaded it. A parsed document always has text.
    """
    parsed = PARSERS[media_type_of(path, filename)](path, filename)
    if not any(character.isalnum() for character in parsed.text):
        raise NoTextFound(NO_TEXT)
    return parsed
