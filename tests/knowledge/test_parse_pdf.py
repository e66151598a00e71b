import time
from pathlib import Path
from typing import Any

import pytest
from reportlab.platypus import Flowable, ListFlowable, PageBreak, Paragraph, Spacer, Table

from askacme.lib.errors import NoTextFound
from knowledge.ingest.parse import parse_file
from knowledge.ingest.parse.hyphens import Dehyphenator
from knowledge.ingest.parsed import ParsedDocument
from tests.knowledge.files import STYLES, make_laid_out_pdf, make_pdf, write

PROSE = (
    "Employees who have worked at Acme for at least one year may take sixteen weeks of parental leave. They tell their "
    "manager three months ahead, and agree with her on who takes over which of their duties in the meantime."
)


def parsed(folder: Path, content: bytes, name: str = "leave.pdf") -> ParsedDocument:
    return parse_file(write(folder, name, content), name)


def blocks(document: ParsedDocument) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, document.text[block.start : block.end]) for block in document.blocks]


def body(text: str) -> Paragraph:
    return Paragraph(text, STYLES["BodyText"])


def test_each_block_knows_its_page(tmp_path: Path) -> None:
    document = parsed(tmp_path, make_pdf([["You get 16 weeks."], ["Ask your manager."], ["Sign the form."]]))
    assert [(block.page, document.text[block.start : block.end]) for block in document.blocks] == [
        (1, "You get 16 weeks."),
        (2, "Ask your manager."),
        (3, "Sign the form."),
    ]
    assert document.page_count == 3


def test_lines_of_a_paragraph_are_joined(tmp_path: Path) -> None:
    document = parsed(tmp_path, make_laid_out_pdf([body(PROSE), body("Ask the people team.")]))
    assert blocks(document) == [("paragraph", 0, PROSE), ("paragraph", 0, "Ask the people team.")]


def test_bigger_and_bolder_lines_are_headings(tmp_path: Path) -> None:
    story = [
        Paragraph("Leave", STYLES["Heading1"]),
        Paragraph("Parental leave", STYLES["Heading2"]),
        body(PROSE),
        body("<b>How to apply</b>"),
        body(PROSE),
    ]
    found = [block[1:] for block in blocks(parsed(tmp_path, make_laid_out_pdf(story))) if block[0] == "heading"]
    assert found == [(1, "Leave"), (2, "Parental leave"), (3, "How to apply")]


def test_a_small_line_above_a_heading_is_part_of_it(tmp_path: Path) -> None:
    story = [Paragraph("Chapter 5:", STYLES["Heading3"]), Paragraph("Leave", STYLES["Heading1"]), body(PROSE)]
    assert blocks(parsed(tmp_path, make_laid_out_pdf(story)))[0] == ("heading", 1, "Chapter 5: Leave")


def test_bullets_and_numbers_are_list_items(tmp_path: Path) -> None:
    bullets = ListFlowable([body("sick leave"), body(PROSE)], bulletType="bullet", start="•")
    numbers = ListFlowable([body("Call in."), body("Rest.")], bulletType="1", bulletFormat="%s.")
    document = parsed(tmp_path, make_laid_out_pdf([body("You get:"), bullets, body("Then:"), numbers]))
    assert [text for kind, _, text in blocks(document) if kind == "list_item"] == [
        "- sick leave",
        f"- {PROSE}",
        "1. Call in.",
        "2. Rest.",
    ]


def test_table_cells_stay_apart(tmp_path: Path) -> None:
    table = Table([["Kind", "Weeks", "Paid"], ["Parental", "16", "yes"], ["Sick", "6", "yes"]], colWidths=120)
    document = parsed(tmp_path, make_laid_out_pdf([body(PROSE), table]))
    assert [text for kind, _, text in blocks(document) if kind == "table_row"] == [
        "Kind | Weeks | Paid",
        "Parental | 16 | yes",
        "Sick | 6 | yes",
    ]


def test_running_heads_and_page_numbers_are_dropped(tmp_path: Path) -> None:
    def decorate(canvas: Any, _: Any) -> None:
        canvas.drawString(72, 815, "Acme Corp handbook")
        canvas.drawString(280, 30, f"Page {canvas.getPageNumber()} of 4")

    story: list[Flowable] = []
    for topic in ("leave", "travel", "expenses", "security"):
        story += [body(f"All about {topic} at Acme."), PageBreak()]
    document = parsed(tmp_path, make_laid_out_pdf(story, on_page=decorate))
    assert [text for _, _, text in blocks(document)] == [
        "All about leave at Acme.",
        "All about travel at Acme.",
        "All about expenses at Acme.",
        "All about security at Acme.",
    ]


def test_a_sentence_over_a_page_s_end_stays_one_block(tmp_path: Path) -> None:
    document = parsed(tmp_path, make_laid_out_pdf([Spacer(1, 650), body(PROSE + " " + PROSE)]))
    assert [(block.page, document.text[block.start : block.end]) for block in document.blocks] == [
        (1, PROSE + " " + PROSE)
    ]


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = [f"the left column goes on in line {number}" for number in range(8)]
    right = [f"the right column goes on in line {number}" for number in range(8)]
    lines = [f"{one}{' ' * 24}{other}" for one, other in zip(left, right, strict=True)]
    text = parsed(tmp_path, make_pdf([lines])).text
    assert text.index("left column goes on in line 7") < text.index("right column goes on in line 0")


def test_pages_without_text_are_counted(tmp_path: Path) -> None:
    document = parsed(tmp_path, make_pdf([["You get 16 weeks."], [], ["Sign here."]]))
    assert (document.page_count, document.empty_pages) == (3, (2,))


def test_a_scan_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoTextFound, match=r"^no text found \(a scan\?\)"):
        parsed(tmp_path, make_pdf([[], []]))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Leave policy", "Leave policy"),
        ("Microsoft Word - leave_v3.docx", "Leave rules"),
        ("untitled", "Leave rules"),
        ("leave_final_v3", "Leave rules"),
        ("x", "Leave rules"),
        ("handbook.indd", "Leave rules"),
    ],
)
def test_the_title_of_the_properties_counts_unless_it_is_junk(tmp_path: Path, title: str, expected: str) -> None:
    assert parsed(tmp_path, make_pdf([["You get 16 weeks."]], title=title), "leave_rules.pdf").title == expected


@pytest.mark.parametrize(
    ("cut", "mended"),
    [
        ("an inter-\nnational team", "an international team"),
        ("an inter\ufffenational team", "an international team"),
        ("a long- term plan", "a long-term plan"),
        ("a card- holder agrees", "a card-holder agrees"),
        ("short- and long-term", "short- and long-term"),
        ("COVID-\n19 rules", "COVID-\n19 rules"),
        ("in 2024 - as planned", "in 2024 - as planned"),
    ],
)
def test_hyphens_at_a_line_s_end(cut: str, mended: str) -> None:
    assert Dehyphenator(["the card is the holder's"]).joined(cut) == mended


@pytest.mark.slow
def test_two_hundred_pages_take_seconds(tmp_path: Path) -> None:
    content = make_laid_out_pdf([body(f"{number}. {PROSE}") for number in range(200 * 14)])
    path = write(tmp_path, "long.pdf", content)
    began = time.monotonic()
    document = parse_file(path, "long.pdf")
    assert document.page_count is not None
    assert document.page_count >= 150
    assert time.monotonic() - began < 20
