from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx.shared import Pt

from askacme.lib.errors import NoTextFound
from knowledge.ingest.parse import parse_file
from knowledge.ingest.parsed import ParsedDocument
from tests.knowledge.files import add_link, add_text_box, add_tracked_change, make_docx, set_outline_level, write


def parsed(folder: Path, build: Callable[[Any], None], name: str = "leave.docx") -> ParsedDocument:
    return parse_file(write(folder, name, make_docx(build)), name)


def blocks(document: ParsedDocument) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, document.text[block.start : block.end]) for block in document.blocks]


def test_heading_styles_become_levels(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        document.add_heading("Leave", 0)
        document.add_heading("Kinds", 1)
        document.add_heading("Sick leave", 2)
        document.add_paragraph("Call in.")

    found = parsed(tmp_path, build)
    assert blocks(found) == [
        ("heading", 1, "Leave"),
        ("heading", 1, "Kinds"),
        ("heading", 2, "Sick leave"),
        ("paragraph", 0, "Call in."),
    ]
    assert found.title == "Leave"


def test_an_outline_level_makes_a_heading_of_any_paragraph(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        set_outline_level(document.add_paragraph("Kinds"), 1)

    assert blocks(parsed(tmp_path, build)) == [("heading", 2, "Kinds")]


def test_lists_keep_their_bullets_and_count(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        document.add_paragraph("sick", style="List Bullet")
        document.add_paragraph("parental", style="List Bullet")
        document.add_paragraph("Call in.", style="List Number")
        document.add_paragraph("Rest.", style="List Number")

    assert parsed(tmp_path, build).text == "- sick\n- parental\n1. Call in.\n2. Rest."


def test_tables_become_rows_and_merged_cells_are_not_repeated(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        table = document.add_table(rows=3, cols=3)
        for row, words in zip(table.rows, ["Kind Weeks Paid", "Parental 16 yes", "Sick 6 yes"], strict=True):
            for cell, word in zip(row.cells, words.split(), strict=True):
                cell.text = word
        table.cell(1, 2).merge(table.cell(2, 2)).text = "yes"
        table.cell(0, 1).merge(table.cell(0, 2)).text = "Weeks"

    assert parsed(tmp_path, build).text == "Kind | Weeks\nParental | 16 | yes\nSick | 6"


def test_a_frame_around_text_is_not_a_table(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        document.add_table(rows=1, cols=1).cell(0, 0).text = "You get 16 weeks."

    assert blocks(parsed(tmp_path, build)) == [("paragraph", 0, "You get 16 weeks.")]


def test_links_count_and_tracked_deletions_do_not(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        paragraph = document.add_paragraph("You get ")
        add_tracked_change(paragraph, deleted="12", inserted="16")
        add_link(paragraph, " weeks")

    assert parsed(tmp_path, build).text == "You get 16 weeks"


def test_a_text_box_is_read_once(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        add_text_box(document.add_paragraph("Body."), "In the box.")

    assert parsed(tmp_path, build).text == "Body.\n\nIn the box."


def test_the_title_of_the_properties_wins_unless_it_is_junk(tmp_path: Path) -> None:
    def build(document: Any, title: str) -> None:
        document.core_properties.title = title
        document.add_heading("Kinds of leave", 1)

    assert parsed(tmp_path, lambda document: build(document, "Leave policy")).title == "Leave policy"
    assert parsed(tmp_path, lambda document: build(document, "Microsoft Word - x.doc")).title == "Kinds of leave"


def test_a_word_file_without_text_says_so(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        document.add_paragraph("  ").paragraph_format.space_after = Pt(6)

    with pytest.raises(NoTextFound, match=r"^no text found \(a scan\?\)"):
        parsed(tmp_path, build)
