"""Small files to parse, built on the spot, and parsers that misbehave."""

import io
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from PIL import Image, ImageDraw, ImageFont
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml as parse_slide_xml
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate

from knowledge.ingest import progress
from knowledge.ingest.parsed import ParsedDocument

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
STYLES = getSampleStyleSheet()


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def make_pdf(pages: Sequence[Sequence[str]], *, password: str | None = None, title: str | None = None) -> bytes:
    """A PDF with the given lines on each page, in Helvetica 11 from the top down."""
    buffer = io.BytesIO()
    encrypt = StandardEncryption(password) if password else None
    canvas = Canvas(buffer, pagesize=A4, encrypt=encrypt)
    canvas.setTitle(title or "")
    for lines in pages:
        canvas.setFont("Helvetica", 11)
        for number, line in enumerate(lines):
            canvas.drawString(72, 760 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def make_laid_out_pdf(story: list[Flowable], on_page: Callable[[Any, Any], None] = lambda canvas, doc: None) -> bytes:
    """A PDF set by reportlab: paragraphs wrapped and broken over pages as a word processor would."""
    buffer = io.BytesIO()
    document = SimpleDocTemplate(buffer, pagesize=A4)
    document.build(story, onFirstPage=on_page, onLaterPages=on_page)
    return buffer.getvalue()


def make_docx(build: Callable[[Any], None]) -> bytes:
    document = docx.Document()
    build(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def make_pptx(build: Callable[[Any], object]) -> bytes:
    deck = pptx.Presentation()
    build(deck)
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def add_slide(deck: Any, title: str, layout: int = 5) -> Any:
    """A slide by the default template's layouts: 0 title, 1 title and bullets, 2 section, 5 title only, 6 empty."""
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    if slide.shapes.title is not None:
        slide.shapes.title.text = title
    return slide


def add_smart_art(slide: Any, points: Sequence[str]) -> None:
    """A diagram as PowerPoint keeps it: a frame on the slide, and the points' text in a part of its own."""
    namespaces = (
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
        'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    )
    texts = "".join(f"<dgm:pt><dgm:t><a:p><a:r><a:t>{point}</a:t></a:r></a:p></dgm:t></dgm:pt>" for point in points)
    data = f"<dgm:dataModel {namespaces}><dgm:ptLst>{texts}</dgm:ptLst></dgm:dataModel>"
    name, kind = (
        PackURI("/ppt/diagrams/data1.xml"),
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
    )
    part = Part(name, kind, slide.part.package, data.encode())
    relation = slide.part.relate_to(part, RELATIONSHIP_TYPE.DIAGRAM_DATA)
    frame = (
        f"<p:graphicFrame {namespaces}><p:nvGraphicFramePr><p:cNvPr id='99' name='Diagram'/><p:cNvGraphicFramePr/>"
        "<p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x='0' y='0'/><a:ext cx='9' cy='9'/></p:xfrm><a:graphic>"
        "<a:graphicData uri='http://schemas.openxmlformats.org/drawingml/2006/diagram'>"
        f"<dgm:relIds r:dm='{relation}'/></a:graphicData></a:graphic></p:graphicFrame>"
    )
    slide.shapes.element.append(parse_slide_xml(frame))


def make_xlsx(build: Callable[[openpyxl.Workbook], object]) -> bytes:
    book = openpyxl.Workbook()
    build(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def make_scan(lines: Sequence[str]) -> Image.Image:
    """A page of dark letters on light grey, at 150 dots per inch."""
    page = Image.new("L", (1240, 1754), 235)
    draw = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        draw.text((120, 150 + 60 * number), line, fill=30, font=ImageFont.load_default(36))
    return page


def as_file(pages: Sequence[Image.Image], kind: str) -> bytes:
    buffer = io.BytesIO()
    several = {"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}
    pages[0].save(buffer, kind, **several)
    return buffer.getvalue()


def fake_tesseract(folder: Path, hocr: str, *, before: str = "cat > /dev/null") -> Path:
    """A `tesseract` that recognises the same on every page and notes how it was called; the folder it is in."""
    folder.mkdir()
    write(folder, "page.hocr", hocr)
    script = f"""#!/bin/sh
here=$(dirname "$0")
if [ "$1" = --list-langs ]; then printf 'List of languages (4):\\ndeu\\neng\\nosd\\nsnum\\n'; exit; fi
echo "$@" >> "$here/calls"
{before}
cat "$here/page.hocr"
"""
    write(folder, "tesseract", script).chmod(0o755)
    return folder


def make_hocr(lines: Sequence[str], *, confidence: int = 95) -> str:
    """What Tesseract says of a page with one paragraph of the given lines."""
    spans = [
        f"<span class='ocr_line' title='bbox 100 {100 + 50 * number} 900 {140 + 50 * number}; x_size 40'>"
        + " ".join(f"<span class='ocrx_word' title='x_wconf {confidence}'>{word}</span>" for word in line.split())
        + "</span>"
        for number, line in enumerate(lines)
    ]
    return f"<html><body><p class='ocr_par'>{''.join(spans)}</p></body></html>"


def add_tracked_change(paragraph: Any, deleted: str, inserted: str) -> None:
    for tag, text_tag, text in (("w:del", "w:delText", deleted), ("w:ins", "w:t", inserted)):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph.paragraph_format.element.append(change)


def add_link(paragraph: Any, text: str) -> None:
    link = parse_xml(f"<w:hyperlink {nsdecls('w')}><w:r><w:t>{text}</w:t></w:r></w:hyperlink>")
    paragraph.paragraph_format.element.append(link)


def add_text_box(paragraph: Any, text: str) -> None:
    box = f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"
    namespaces = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    content = f"<mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    alternate = parse_xml(f"<mc:AlternateContent {namespaces} {nsdecls('w')}>{content}</mc:AlternateContent>")
    run = OxmlElement("w:r")
    run.append(alternate)
    paragraph.paragraph_format.element.append(run)


def set_outline_level(paragraph: Any, level: int) -> None:
    outline = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), str(level))
    paragraph.paragraph_format.element.get_or_add_pPr().append(outline)


def make_zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def make_zip_bomb(folder: str = "word") -> bytes:
    """A Word file (or PowerPoint, Excel) of some 100 KB whose text unpacks to 100 MB."""
    return make_zip({"[Content_Types].xml": b"<Types/>", f"{folder}/document.xml": b" " * 100_000_000})


def replaced_in_zip(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The archive with `old` replaced in one of its members."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    assert old in members[name]
    return make_zip({**members, name: members[name].replace(old, new)})


def understate_sizes(archive: bytes, size: int) -> bytes:
    """The same archive, whose directory claims that every member is `size` bytes long."""
    lying = bytearray(archive)
    position = 0
    while (position := lying.find(b"PK\x01\x02", position)) >= 0:
        lying[position + 24 : position + 28] = size.to_bytes(4, "little")
        position += 4
    return bytes(lying)


def loop(path: Path, filename: str) -> ParsedDocument:
    while True:
        time.sleep(0.01)


def spin(path: Path, filename: str) -> ParsedDocument:
    while True:
        pass


def eat_memory(path: Path, filename: str) -> ParsedDocument:
    eaten = [bytes(10_000_000) for _ in range(1000)]
    raise AssertionError(len(eaten))


def crash(path: Path, filename: str) -> ParsedDocument:
    import os

    os.abort()


def raise_bug(path: Path, filename: str) -> ParsedDocument:
    raise ZeroDivisionError("a bug of the parser")


def recurse(path: Path, filename: str) -> ParsedDocument:
    return recurse(path, filename)


def chatter(path: Path, filename: str) -> ParsedDocument:
    import os
    import sys

    sys.stdout.write("noise")
    sys.stdout.flush()
    os.write(1, b"noise")
    main = sys.modules["__main__"]
    return ParsedDocument(str(getattr(main, "__file__", None)), "text/plain", "fine", ())


def run_a_program(path: Path, filename: str) -> ParsedDocument:
    """Never ends, nor does the program that it runs; their process ids are left beside the file."""
    import os
    import subprocess

    program = subprocess.Popen(["sleep", "60"])
    path.with_name(f"{path.name}.pids").write_text(f"{os.getpid()} {program.pid}\n")
    return loop(path, filename)


def say_how_far(path: Path, filename: str) -> ParsedDocument:
    progress.done(0.5)
    time.sleep(0.3)
    progress.done(1.0)
    return ParsedDocument("Half way", "text/plain", "fine", ())
