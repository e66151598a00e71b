from pathlib import Path

import pytest

from knowledge.ingest.parse import parse_file
from knowledge.ingest.parsed import ParsedDocument
from tests.knowledge.files import write


def parsed(folder: Path, content: str | bytes, name: str = "leave-policy_2026.txt") -> ParsedDocument:
    return parse_file(write(folder, name, content), name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_umlauts_and_typographic_quotes_survive_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "Elternzeit für Angestellte – “sechzehn Wochen” für 1.500 €."
    assert parsed(tmp_path, text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Сотрудники имеют право на шестнадцать недель оплачиваемого отпуска по уходу за ребёнком. " * 5),
        ("shift_jis", "従業員は十六週間の育児休暇を取得できます。申請は人事部に提出してください。" * 5),
    ],
)
def test_other_alphabets_are_recognised(tmp_path: Path, encoding: str, text: str) -> None:
    assert parsed(tmp_path, text.encode(encoding)).text == text.strip()


def test_control_and_invisible_characters_are_dropped(tmp_path: Path) -> None:
    assert (
        parsed(tmp_path, "pa\u00adren\u200btal\x07 lea\u0301ve of\ufb01ce\u00a0hours").text
        == "parental leáve office hours"
    )


def test_emoji_made_of_several_characters_stay_whole(tmp_path: Path) -> None:
    assert parsed(tmp_path, "Family 👩\u200d👧").text == "Family 👩\u200d👧"


def test_lines_wrapped_by_an_editor_are_joined(tmp_path: Path) -> None:
    wrapped = "\n".join(["Employees who have worked here for at least one year may take up to", "sixteen weeks"] * 4)
    assert "may take up to sixteen weeks\nEmployees" in parsed(tmp_path, wrapped).text


def test_an_address_keeps_its_lines(tmp_path: Path) -> None:
    assert parsed(tmp_path, "Acme Corp\n1 Main Street\nSpringfield").text == "Acme Corp\n1 Main Street\nSpringfield"


def test_lists_and_headings_are_recognised(tmp_path: Path) -> None:
    found = parsed(
        tmp_path, "Benefits\n========\n\nYou get:\n* health care\n* dental care\n\nSICK LEAVE\n\n1) Call in.\n"
    )
    assert [(block.kind, found.text[block.start : block.end]) for block in found.blocks] == [
        ("heading", "Benefits"),
        ("paragraph", "You get:"),
        ("list_item", "- health care"),
        ("list_item", "- dental care"),
        ("heading", "SICK LEAVE"),
        ("list_item", "1) Call in."),
    ]


def test_the_title_falls_back_to_the_file_name(tmp_path: Path) -> None:
    assert parsed(tmp_path, "You get 16 weeks.").title == "Leave policy 2026"
