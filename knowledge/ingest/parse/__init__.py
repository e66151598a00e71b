"""
One function from a file to its text: `parse_file`.

A format is a module with one `parse(path, filename) -> ParsedDocument` and a line in `PARSERS`. Parsers read hostile
files: call them through `knowledge.ingest.sandbox`, never in a process that others depend on.
"""

from collections.abc import Callable
from pathlib import Path

from askacme.lib.errors import NoTextFound
from knowledge.ingest.parse import delimited, docx, html, mail, markdown, pdf, pictures, plain, pptx, xlsx
from knowledge.ingest.parse.kind import EXCEL, POWERPOINT, WORD, MediaType, media_type_of
from knowledge.ingest.parse.ocr import INSTALL, NOTHING_READ, is_installed
from knowledge.ingest.parsed import ParsedDocument

PARSERS: dict[MediaType, Callable[[Path, str], ParsedDocument]] = {
    "application/pdf": pdf.parse,
    WORD: docx.parse,
    EXCEL: xlsx.parse,
    POWERPOINT: pptx.parse,
    "image/jpeg": pictures.parse,
    "image/png": pictures.parse,
    "image/tiff": pictures.parse,
    "message/rfc822": mail.parse,
    "text/csv": delimited.parse,
    "text/html": html.parse,
    "text/markdown": markdown.parse,
    "text/plain": plain.parse,
    "text/tab-separated-values": delimited.parse,
}
_SCANNED = frozenset({"application/pdf", "image/jpeg", "image/png", "image/tiff"})
_NO_TEXT = "no text found (a scan?). Upload a version whose text can be selected and copied."


def parse_file(path: Path, filename: str) -> ParsedDocument:
    """
    Read a file of any accepted kind.

    `filename` is the name people know it by: its ending must fit the content. Raises the leaves of UnreadableFile and
    UnsupportedFile, whose messages are for the person who uploaded it. A parsed document always has text.
    """
    media_type = media_type_of(path, filename)
    parsed = PARSERS[media_type](path, filename)
    if any(character.isalnum() for character in parsed.text):
        return parsed
    if media_type not in _SCANNED:
        raise NoTextFound(_NO_TEXT)
    raise NoTextFound(NOTHING_READ if is_installed() else INSTALL)
