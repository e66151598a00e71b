"""Build the demo handbook's PDF (ReportLab) and DOCX files from their Markdown sources.

A maintainers' tool, not run in production; output is reproducible. In a virtualenv:
    pip install markdown-it-py==4.3.0 python-docx==1.2.0 reportlab==5.1.0
    python build_handbook.py
The first line of a source names its format: <!-- format: pdf --> or <!-- format: docx -->.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

HERE = Path(__file__).resolve().parent
AUTHOR, PUBLISHED, ZIP_DATE = "Acme Corp", datetime(2026, 1, 5, tzinfo=UTC), (2026, 1, 5, 0, 0, 0)
GRID = ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#b8c2cc"))
HEAD = ("BACKGROUND", (0, 0), (-1, 0), HexColor("#e6edf5"))
TOP = ("VALIGN", (0, 0), (-1, -1), "TOP")
DOCX_STYLES = {"p": "Normal", "ul": "List Bullet", "ol": "List Number"}
Run = tuple[str, bool, bool]  # text, bold, italic
Cells = list[list[list[Run]]]
Block = tuple[str, list[Run], int, Cells]  # kind (h1-h3, p, ul, ol, table), text, position in list


def inline_runs(token: Token) -> list[Run]:
    runs, bold, italic = list[Run](), False, False
    for child in token.children or []:
        if child.type.startswith("strong"):
            bold = child.nesting == 1
        elif child.type.startswith("em_"):
            italic = child.nesting == 1
        else:
            text = "\n" if child.type.endswith("break") else child.content
            runs.append((text, bold, italic))
    return runs


def parse(markdown: str) -> Iterator[Block]:
    kind, number, rows = "p", 0, Cells()
    for token in MarkdownIt().enable("table").parse(markdown):
        match token.type:
            case "heading_open" | "table_open":
                kind, rows = token.tag, []
            case "bullet_list_open" | "ordered_list_open":
                kind, number = token.tag, 0
            case "list_item_open":
                number += 1
            case "tr_open":
                rows.append([])
            case "inline" if kind == "table":
                rows[-1].append(inline_runs(token))
            case "inline":
                yield kind, inline_runs(token), number, []
            case "heading_close" | "bullet_list_close" | "ordered_list_close" | "table_close":
                if kind == "table":
                    yield kind, [], 0, rows
                kind = "p"


def pdf_paragraph(runs: list[Run], kind: str, bullet: str | None = None) -> Paragraph:
    size = {"h1": 22, "h2": 14, "h3": 11.5, "cell": 9, "head": 9}.get(kind, 10.5)
    is_heading, is_list = kind in ("h1", "h2", "h3"), kind in ("ul", "ol")
    style = ParagraphStyle(kind, fontSize=size, leading=size * 1.4, bulletIndent=4)
    style.spaceAfter, style.leftIndent = (2, 18) if is_list else (6, 0)
    style.keepWithNext, style.spaceBefore = is_heading, size * 0.8 if is_heading else 0
    style.fontName = "Helvetica-Bold" if is_heading or kind == "head" else "Helvetica"
    style.textColor = HexColor("#1f3a5f" if is_heading else "#1a1a1a")
    markup = ""
    for text, bold, italic in runs:
        escaped = escape(text).replace("\n", "<br/>")
        weighted = f"<b>{escaped}</b>" if bold else escaped
        markup += f"<i>{weighted}</i>" if italic else weighted
    return Paragraph(markup, style, bulletText=bullet)


def pdf_table(rows: Cells, width: float) -> Table:
    cells = [[pdf_paragraph(c, "cell" if i else "head") for c in row] for i, row in enumerate(rows)]
    widths = [width / len(rows[0])] * len(rows[0])
    return Table(cells, widths, style=[GRID, HEAD, TOP], repeatRows=1, spaceBefore=4, spaceAfter=10)


def build_pdf(title: str, blocks: list[Block], target: Path) -> None:
    def footer(canvas: Any, doc: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawCentredString(A4[0] / 2, 40, f"{AUTHOR} \u2013 {title} \u2013 Page {doc.page}")

    doc = SimpleDocTemplate(str(target), pagesize=A4, title=title, author=AUTHOR, invariant=1)
    story = list[Flowable]()
    for kind, runs, number, rows in blocks:
        bullet = {"ul": "\u2022", "ol": f"{number}."}.get(kind)
        story.append(pdf_table(rows, doc.width) if rows else pdf_paragraph(runs, kind, bullet))
    doc.build(story, onFirstPage=footer, onLaterPages=footer)


def docx_runs(paragraph: Any, runs: list[Run]) -> None:
    for text, bold, italic in runs:
        run = paragraph.add_run(text)
        run.bold, run.italic = bold or None, italic or None


def build_docx(title: str, blocks: list[Block], target: Path) -> None:
    document = Document()
    numbering: Any = document.part.numbering_part.element
    core = document.core_properties
    core.title, core.author, core.created, core.modified = title, AUTHOR, PUBLISHED, PUBLISHED
    for kind, runs, number, rows in blocks:
        if rows:
            table = document.add_table(len(rows), len(rows[0]), style="Light Grid Accent 1")
            cells = [cell for row in table.rows for cell in row.cells]
            for cell, text in zip(cells, chain(*rows), strict=True):
                docx_runs(cell.paragraphs[0], text)
            continue
        paragraph: Any = document.add_paragraph(style=DOCX_STYLES.get(kind, f"Heading {kind[1:]}"))
        docx_runs(paragraph, runs)
        if kind == "ol":
            if number == 1:  # start a new numbered list
                default = numbering.num_having_numId(paragraph.style.element.pPr.numPr.numId.val)
                new_list = numbering.add_num(default.abstractNumId.val)
                new_list.add_lvlOverride(ilvl=0).add_startOverride(1)
            properties = paragraph.paragraph_format.element.get_or_add_pPr()
            properties.get_or_add_numPr().get_or_add_numId().val = new_list.numId
    document.save(buffer := io.BytesIO())
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(target, "w") as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            new.writestr(zipfile.ZipInfo(name, ZIP_DATE), old.read(name), zipfile.ZIP_DEFLATED)


def main() -> None:
    for source in sorted((HERE / "handbook_sources").rglob("*.md")):
        first_line, markdown = source.read_text(encoding="utf-8").split("\n", 1)
        suffix = "docx" if "docx" in first_line else "pdf"
        blocks = list(parse(markdown))
        relative = source.relative_to(HERE / "handbook_sources").with_suffix(f".{suffix}")
        build = build_docx if suffix == "docx" else build_pdf
        build(blocks[0][1][0][0], blocks, HERE / "handbook" / relative)


if __name__ == "__main__":
    main()
