"""
What a file carries beside its text: comments, properties, notes for programs.

Most of it is harmless, and none of it is read as the document. It is kept aside to see whether it speaks to a model.
"""

import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from lxml import etree

MAX_PARTS = 50
MAX_BYTES = 1024 * 1024
_IN_ARCHIVES = re.compile(
    r"docProps/(?:core|app|custom)\.xml|word/comments\w*\.xml"
    r"|xl/(?:comments\d*|comments/\w+|threadedComments/\w+)\.xml|ppt/comments/\w+\.xml"
)
_IN_SOURCES = re.compile(
    r"""<!--(.*?)(?:-->|\Z)|^[ ]{0,3}\[[^\]\n]{0,40}\]:[ ]*(?:\#|<>)[ ]+["'(](.*)["')][ ]*$""", re.DOTALL | re.MULTILINE
)
_FOR_PROGRAMS = ".//template|.//noscript|.//*[@aria-hidden='true']"


def of_archive(path: Path) -> Iterator[str]:
    """Comments and properties of an Office file, one by one."""
    with zipfile.ZipFile(path) as archive:
        parts = (part for part in archive.infolist() if _IN_ARCHIVES.fullmatch(part.filename))
        for part in islice(parts, MAX_PARTS):
            if part.file_size <= MAX_BYTES:
                yield from _texts(archive.read(part))


def of_source(source: str) -> Iterator[str]:
    """Comments in HTML, and in Markdown's two ways."""
    for found in islice(_IN_SOURCES.finditer(source), MAX_PARTS):
        yield found[1] or found[2] or ""


def of_page(root: Any) -> Iterator[str]:
    """What a page tells programs: its descriptions, and elements that only they read."""
    for element in islice(root.iterfind(".//meta[@content]"), MAX_PARTS):
        yield element.get("content")
    for element in islice(root.xpath(_FOR_PROGRAMS), MAX_PARTS):
        yield " ".join(element.itertext())


def of_pdf(document: pdfium.PdfDocument) -> Iterator[str]:
    """Properties of the file, and notes that are folded away on its pages."""
    yield from document.get_metadata_dict().values()
    for index in range(len(document)):
        try:
            page = document[index]
        except pdfium.PdfiumError:
            continue
        try:
            yield from _notes_on(page)
        finally:
            page.close()


def _notes_on(page: pdfium.PdfPage) -> Iterator[str]:
    for index in range(min(pdfium_c.FPDFPage_GetAnnotCount(page), MAX_PARTS)):
        note = pdfium_c.FPDFPage_GetAnnot(page, index)
        length = pdfium_c.FPDFAnnot_GetStringValue(note, b"Contents", None, 0)
        if 2 < length <= MAX_BYTES:
            buffer = (pdfium_c.FPDF_WCHAR * (length // 2))()
            pdfium_c.FPDFAnnot_GetStringValue(note, b"Contents", buffer, length)
            yield bytes(buffer).decode("utf-16-le", errors="replace").rstrip("\0")
        pdfium_c.FPDFPage_CloseAnnot(note)


def _texts(part: bytes) -> Iterator[str]:
    try:
        root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.LxmlError:
        return
    top = (
        root
        if root.tag.endswith(("Properties", "properties"))
        else root.iter("{*}comment", "{*}cm", "{*}threadedComment")
    )
    for element in top:
        yield " ".join("".join(element.itertext()).split())
