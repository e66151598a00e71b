from collections.abc import Callable
from pathlib import Path
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from knowledge.ingest.parse import parse_file
from knowledge.ingest.parsed import ParsedDocument
from tests.knowledge.files import add_slide, add_smart_art, make_pptx, write


def parsed(folder: Path, build: Callable[[Any], object], name: str = "leave.pptx") -> ParsedDocument:
    return parse_file(write(folder, name, make_pptx(build)), name)


def blocks(document: ParsedDocument) -> list[tuple[str, int, int | None, str]]:
    return [(block.kind, block.level, block.page, document.text[block.start : block.end]) for block in document.blocks]


def add_text(shapes: Any, text: str, left: float, top: float) -> None:
    shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1)).text_frame.text = text


def test_a_slide_is_a_page_under_its_title(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        add_slide(deck, "Leave", layout=0)
        add_slide(deck, "Parental leave")

    found = parsed(tmp_path, build)
    assert blocks(found) == [("heading", 1, 1, "Leave"), ("heading", 2, 2, "Parental leave")]
    assert (found.title, found.page_count) == ("Leave", 2)


def test_a_name_below_the_title_is_not_part_of_it(tmp_path: Path) -> None:
    found = parsed(tmp_path, lambda deck: add_slide(deck, "Parental leave\v2026\v\vAna Ruiz"))
    assert found.title == "Parental leave 2026"
    assert found.text == "Parental leave 2026\n\nAna Ruiz"


def test_bullets_are_list_items_with_their_level(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        frame = add_slide(deck, "Leave", layout=1).placeholders[1].text_frame
        frame.text = "Parental"
        inner = frame.add_paragraph()
        inner.text, inner.level = "16 weeks", 1

    assert parsed(tmp_path, build).text == "Leave\n\n- Parental\n  - 16 weeks"


def test_a_text_box_is_a_paragraph(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        add_text(add_slide(deck, "", layout=6).shapes, "You get 16 weeks.", 1, 1)

    assert blocks(parsed(tmp_path, build)) == [("paragraph", 0, 1, "You get 16 weeks.")]


def test_shapes_are_read_from_the_top_and_from_the_left(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        shapes = add_slide(deck, "", layout=6).shapes
        for words, left, top in (("third", 1, 4), ("second", 5, 1.05), ("first", 1, 1.1)):
            add_text(shapes, words, left, top)

    assert parsed(tmp_path, build).text == "first\n\nsecond\n\nthird"


def test_a_group_is_read_together(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        shapes = add_slide(deck, "", layout=6).shapes
        add_text(shapes, "after", 1, 5)
        group = shapes.add_group_shape()
        add_text(group.shapes, "below", 1, 2)
        add_text(group.shapes, "above", 1, 1)

    assert parsed(tmp_path, build).text == "above\n\nbelow\n\nafter"


def test_tables_become_rows(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        slide = add_slide(deck, "", layout=6)
        table = slide.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
        for index, words in enumerate(["Kind", "Weeks", "Parental", "16"]):
            table.cell(index // 2, index % 2).text = words

    assert parsed(tmp_path, build).text == "Kind | Weeks\nParental | 16"


def test_a_chart_says_its_title_and_numbers(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        data: Any = CategoryChartData(number_format="#,##0")  # type: ignore[no-untyped-call]  # as the library is
        data.categories = ["2024", "2025"]
        data.add_series("Days", [1200, 1300])
        data.add_series("Cases", [7, None])
        shapes = add_slide(deck, "", layout=6).shapes
        chart = shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(5), Inches(4), data).chart
        chart.chart_title.text_frame.text = "Sick leave"

    assert parsed(tmp_path, build).text == "Sick leave\n\n2024 | Days: 1,200 | Cases: 7\n2025 | Days: 1,300"


def test_the_points_of_smart_art_are_a_list(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        add_smart_art(add_slide(deck, "How to apply"), ["Ask", "Sign", ""])

    assert parsed(tmp_path, build).text == "How to apply\n\n- Ask\n- Sign"


def test_the_speaker_s_notes_follow_the_slide(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        add_slide(deck, "Leave").notes_slide.notes_text_frame.text = "Say hello.\nAsk who has children."
        add_slide(deck, "Kinds")

    assert [(page, text) for _, _, page, text in blocks(parsed(tmp_path, build))] == [
        (1, "Leave"),
        (1, "Notes:"),
        (1, "Say hello."),
        (1, "Ask who has children."),
        (2, "Kinds"),
    ]


def test_hidden_slides_are_read_and_slides_without_text_are_counted_as_empty(tmp_path: Path) -> None:
    def build(deck: Any) -> None:
        add_slide(deck, "Leave").element.set("show", "0")
        add_slide(deck, "", layout=6)

    found = parsed(tmp_path, build)
    assert (found.text, found.empty_pages) == ("Leave", (2,))
