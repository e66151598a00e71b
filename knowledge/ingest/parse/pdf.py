"""
PDF: text in reading order with page numbers, its lines put back together into paragraphs, lists and headings.

Pages without any text are scans as a rule: they go through text recognition where that is installed.
"""

from collections import Counter
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from askacme.lib.errors import FileTooComplex, PasswordProtected, UnreadableFile
from knowledge.ingest.parse.asides import of_pdf
from knowledge.ingest.parse.limits import MAX_CHARACTERS, MAX_PAGES, MAX_PIXELS
from knowledge.ingest.parse.ocr import BODY_SIZE, DPI, Picture, as_pgm, is_installed, read_pages
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
        writer = TextWriter()
        pages = _read_pages(document, count, writer)
        ocr_pages = _recognise(document, pages)
        writer.put_aside(of_pdf(document))
        title = unless_junk(document.get_metadata_dict().get("Title"))
    finally:
        document.close()
    write_pages(pages, writer)
    empty = tuple(number for number, lines in enumerate(pages, 1) if not lines)
    title = pick_title(filename, title, first_heading(writer, level=1), first_heading(writer))
    return writer.finish(title, "application/pdf", page_count=count, empty_pages=empty, ocr_pages=ocr_pages)


def _open(path: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code in {pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY}:
            raise PasswordProtected(
                "This PDF is protected by a password. Save it without the password, and upload that."
            ) from error
        raise UnreadableFile(_DAMAGED) from error


def _read_pages(document: pdfium.PdfDocument, count: int, writer: TextWriter) -> list[list[Line]]:
    """The lines of each page. A page that can't be read counts as empty, unless that goes for all of them."""
    pages: list[list[Line]] = []
    unreadable = characters = 0
    for index in range(count):
        try:
            rows, hidden = rows_of(document, index)
            lines = in_reading_order(rows)
            for words in hidden:
                writer.hide(words)
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


def _recognise(document: pdfium.PdfDocument, pages: list[list[Line]]) -> tuple[int, ...]:
    """
    Fill in the scanned pages' lines; the numbers of those where there were any.

    A document that is mostly scan is read whole or not at all; a few scanned pages too many among others stay empty.
    """
    if not is_installed():
        return ()
    scans = [number for number, lines in enumerate(pages, 1) if not lines and _shows_something(document, number)]
    if not scans:
        return ()
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[line.size] += len(line.text)
    found = read_pages(
        scans,
        lambda number: _rendered(document, number),
        body_size=sizes.most_common(1)[0][0] if sizes else BODY_SIZE,
        may_skip=2 * len(scans) < len(pages),
    )
    for number, lines in found.items():
        pages[number - 1] = in_reading_order([(line,) for line in lines])
    return tuple(found)


def _shows_something(document: pdfium.PdfDocument, number: int) -> bool:
    try:
        page = document[number - 1]
        try:
            return bool(pdfium_c.FPDFPage_CountObjects(page) > 0)
        finally:
            page.close()
    except pdfium.PdfiumError:
        return False


def _rendered(document: pdfium.PdfDocument, number: int) -> Picture:
    page = document[number - 1]
    try:
        width, height = page.get_size()
        scale = min(DPI / 72, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        try:
            grey = bitmap.to_numpy()
            return Picture(number, as_pgm(grey.tobytes(), bitmap.width, bitmap.height), bitmap.height)
        finally:
            bitmap.close()
    finally:
        page.close()
