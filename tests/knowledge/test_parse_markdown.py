import time
from pathlib import Path

import pytest

from knowledge.ingest.parse import parse_file
from knowledge.ingest.parsed import ParsedDocument
from tests.knowledge.files import write


def parsed(folder: Path, content: str, name: str = "parental-leave.md") -> ParsedDocument:
    return parse_file(write(folder, name, content), name)


def blocks(document: ParsedDocument) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, document.text[block.start : block.end]) for block in document.blocks]


def test_headings_paragraphs_and_nested_lists(tmp_path: Path) -> None:
    document = parsed(tmp_path, "# Leave\n\nTwo\nlines.\n\n## Kinds\n\n- sick\n  1. call\n  2. rest\n- parental\n")
    assert blocks(document) == [
        ("heading", 1, "Leave"),
        ("paragraph", 0, "Two lines."),
        ("heading", 2, "Kinds"),
        ("list_item", 1, "- sick"),
        ("list_item", 2, "1. call"),
        ("list_item", 2, "2. rest"),
        ("list_item", 1, "- parental"),
    ]


def test_the_text_reads_like_the_page(tmp_path: Path) -> None:
    document = parsed(tmp_path, "# Leave\nIt is paid.\n\n- sick\n- parental\n\n|Kind|Weeks|\n|-|-|\n|Parental|16|\n")
    assert document.text == "Leave\n\nIt is paid.\n\n- sick\n- parental\n\nKind | Weeks\nParental | 16"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("See [the *policy*](https://example.com/a).", "See the policy."),
        ("See <https://example.com/a>.", "See https://example.com/a."),
        ("![A floor plan](plan.png)", "A floor plan"),
        ("Run `make run` now.", "Run make run now."),
        ("One<br>two", "One\ntwo"),
        ("Shown<!-- not\n\nshown -->.", "Shown."),
        ("Shown{% comment %}not shown{% endcomment %}.", "Shown."),
        ('Ask in {% slack_channel "people-ops" %}.', "Ask in people-ops."),
        ('See [travel]({% page "/travel/#flights" %}).', "See travel."),
        ("Visit {{ site.url }}now", "Visit now"),
        ("Dear {{first_name}},", "Dear {{first_name}},"),
        ("## Side navigation {#side-nav}", "Side navigation"),
        ("<details><summary>Why?</summary>\n\nBecause.\n\n</details>", "Why?\n\nBecause."),
        ("```\n{% raw %}{{ x.y }}{% endraw %}\n```", "{{ x.y }}"),
    ],
)
def test_marks_become_what_a_reader_sees(tmp_path: Path, source: str, text: str) -> None:
    assert parsed(tmp_path, source).text == text


def test_code_keeps_its_lines_and_indentation(tmp_path: Path) -> None:
    assert blocks(parsed(tmp_path, "```sh\nif true\n\n  then\n```\n")) == [("code", 0, "if true\n\n  then")]


def test_the_title_of_the_front_matter_is_shown_and_the_rest_is_not(tmp_path: Path) -> None:
    document = parsed(tmp_path, "---\ntitle: 'Parental leave'\nkeywords: baby\n---\nYou get 16 weeks.\n")
    assert document.title == "Parental leave"
    assert document.text == "Parental leave\n\nYou get 16 weeks."


def test_without_front_matter_the_first_heading_is_the_title(tmp_path: Path) -> None:
    assert parsed(tmp_path, "# FAQ\n\nText.").title == "FAQ"


def test_a_rule_at_the_top_is_not_front_matter(tmp_path: Path) -> None:
    assert parsed(tmp_path, "---\n\nYou get 16 weeks.").text == "You get 16 weeks."


def test_windows_line_ends(tmp_path: Path) -> None:
    assert parsed(tmp_path, "---\r\ntitle: Leave\r\n---\r\nOne\r\ntwo\r\n").text == "Leave\n\nOne two"


@pytest.mark.parametrize("piece", [" ", "`", "`x", "<!--", "- ", "word-", "|a|b|\n", "# h\n"])
def test_a_hundred_kilobytes_of_anything_take_seconds(tmp_path: Path, piece: str) -> None:
    began = time.monotonic()
    parsed(tmp_path, "Text\n\n" + piece * (100_000 // len(piece)))
    assert time.monotonic() - began < 15
