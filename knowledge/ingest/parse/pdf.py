"""PDF: text in reading order with page numbers, its lines put back together into paragraphs, lists and headings."""

from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from askacme.lib.errors import FileTooComplex, PasswordProtected, UnreadableFile
from knowledge.ingest.parse.limits import MAX_CHARACTERS, MAX_PAGES
from knowledge.ingest.parse.pdf_columns import in_reading_order
from knowledge.ingest.parse.pdf_layout import write_pages
from knowledge.ingest.parse.pdf_lines import Line, rows_of
from knowledge.ingest.parse.titles import first_heading, pick_title, unless_junk
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

_DAMAGED = "This PDF is damaged and can't be opened. Export or print it to PDF again, and upload the new copy."


def parse(path: Path, filename: str) -> ParsedDocument:
    document = _open(path)
    try:
        count = len(document)
        if count > MAX_PAGES:
            raise FileTooComplex(
                f"This PDF has {count:,} pages; at most {MAX_PAGES:,} can be read. Split it into smaller files."
            )
        pages = _read_pages(document, count)
        title = unless_junk(document.get_metadata_dict().get("Title"))
    finally:
        document.close()
    writer = TextWriter()
    write_pages(pages, writer)
    empty = tuple(number for number, lines in enumerate(pages, 1) if not lines)
    title = pick_title(filename, title, first_heading(writer, level=1), first_heading(writer))
    return writer.finish(title, "application/pdf", page_count=count, empty_pages=empty)


def _open(path: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code in {pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY}:
            raise PasswordProtected(
                "This PDF is protected by a password. Save it without the password, and upload that."
            ) from error
        raise UnreadableFile(_DAMAGED) from error


def _read_pages(document: pdfium.PdfDocument, count: int) -> list[list[Line]]:
    """The lines of each page. A page that can't be read counts as empty, unless that goes for all of them."""
    pages: list[list[Line]] = []
    unreadable = characters = 0
    for index in range(count):
        try:
            lines = in_reading_order(rows_of(document, index))
        except pdfium.PdfiumError:
            unreadable += 1
            lines = []
        characters += sum(len(line.text) for line in lines)
        if characters > MAX_CHARACTERS:
            raise FileTooComplex("This PDF holds too much text. Split it into smaller files and upload those.")
        pages.append(lines)
    if unreadable == count:
        raise UnreadableFile(_DAMAGED)
    return pages
