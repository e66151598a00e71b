"""Scanned pages as pictures: PNG, JPEG, and TIFF with any number of pages."""

import warnings
from pathlib import Path

from PIL import Image, ImageOps, ImageSequence

from askacme.lib.errors import FileTooComplex, NoTextFound, UnreadableFile
from knowledge.ingest.parse.kind import media_type_of
from knowledge.ingest.parse.limits import MAX_PIXELS
from knowledge.ingest.parse.ocr import INSTALL, MAX_OCR_PAGES, Picture, as_pgm, is_installed, read_pages
from knowledge.ingest.parse.pdf_layout import write_pages
from knowledge.ingest.parse.titles import first_heading, pick_title
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

_SMALLEST, _BIGGEST = 2_000, 4_000  # pixels on the longer side: Tesseract reads small print best when enlarged


def parse(path: Path, filename: str) -> ParsedDocument:
    if not is_installed():
        raise NoTextFound(INSTALL)
    try:
        with warnings.catch_warnings(), Image.open(path, formats=("PNG", "JPEG", "TIFF")) as image:
            warnings.simplefilter("ignore")  # of odd metadata
            count = getattr(image, "n_frames", 1)
            if image.width * image.height > MAX_PIXELS or count > MAX_OCR_PAGES:
                raise FileTooComplex(
                    f"This picture is too big to read: at most {MAX_PIXELS // 1_000_000} million pixels and "
                    f"{MAX_OCR_PAGES} pages. Make it smaller, or split it."
                )
            frames = ImageSequence.Iterator(image)
            found = read_pages(list(range(1, count + 1)), lambda page: _rendered(frames[page - 1], page))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise UnreadableFile("This picture is damaged. Scan or save it again, and upload the new copy.") from error
    writer = TextWriter()
    write_pages([found.get(page, []) for page in range(1, count + 1)], writer)
    return writer.finish(
        pick_title(filename, first_heading(writer)),
        media_type_of(path, filename),
        page_count=count,
        empty_pages=tuple(page for page in range(1, count + 1) if page not in found),
        ocr_pages=tuple(found),
    )


def _rendered(frame: Image.Image, page: int) -> Picture:
    if frame.width * frame.height > MAX_PIXELS:
        raise FileTooComplex("A page of this picture is too big to read. Make it smaller.")
    upright = ImageOps.exif_transpose(frame)
    if upright.has_transparency_data:
        coloured = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured)
    grey = upright.convert("L")
    longer = max(grey.size)
    if not _SMALLEST <= longer <= _BIGGEST:
        factor = (_SMALLEST if longer < _SMALLEST else _BIGGEST) / longer
        factor = min(factor, 4.0)
        width, height = (max(1, round(side * factor)) for side in grey.size)
        grey = grey.resize((width, height), Image.Resampling.LANCZOS)
    return Picture(page, as_pgm(grey.tobytes(), *grey.size), grey.height)
