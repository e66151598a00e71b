import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from askacme.lib.errors import FileTooComplex
from knowledge.ingest.parse import parse_file, xlsx
from knowledge.ingest.parse.cell_format import shown
from knowledge.ingest.parsed import ParsedDocument
from tests.knowledge.files import make_xlsx, replaced_in_zip, write

MIDNIGHT = dt.datetime(2026, 5, 1)  # noqa: DTZ001 - spreadsheets know no time zones


def parsed(folder: Path, build: Callable[[openpyxl.Workbook], None], name: str = "leave.xlsx") -> ParsedDocument:
    return parse_file(write(folder, name, make_xlsx(build)), name)


def sheet_of(*rows: list[object]) -> Callable[[openpyxl.Workbook], None]:
    def build(book: openpyxl.Workbook) -> None:
        for row in rows:
            book.worksheets[0].append(row)

    return build


def test_each_row_says_its_headers(tmp_path: Path) -> None:
    build = sheet_of(["Kind", "Weeks", "Paid"], ["Parental", 16, "yes"], ["Sick", 6.0, None])
    assert parsed(tmp_path, build).text == (
        "Kind | Weeks | Paid\nKind: Parental | Weeks: 16 | Paid: yes\nKind: Sick | Weeks: 6"
    )


def test_rows_without_a_header_stay_as_they_are(tmp_path: Path) -> None:
    build = sheet_of(["Parental", 16], ["Sick", 6], ["Unpaid", 52])
    assert parsed(tmp_path, build).text == "Parental | 16\nSick | 6\nUnpaid | 52"


def test_two_pairs_of_words_are_no_header_unless_the_first_is_bold(tmp_path: Path) -> None:
    build = sheet_of(["Office", "Manager"], ["Berlin", "Ana"])

    def build_bold(book: openpyxl.Workbook) -> None:
        build(book)
        for cell in book.worksheets[0]["A1:B1"][0]:
            cell.font = Font(bold=True)

    assert parsed(tmp_path, build).text == "Office | Manager\nBerlin | Ana"
    assert parsed(tmp_path, build_bold).text == "Office | Manager\nOffice: Berlin | Manager: Ana"


def test_years_may_head_columns(tmp_path: Path) -> None:
    build = sheet_of(["Office", 2024, 2025], ["Berlin", 7, 8])
    assert parsed(tmp_path, build).text == "Office | 2024 | 2025\nOffice: Berlin | 2024: 7 | 2025: 8"


def test_tables_are_parted_by_empty_rows_and_titled_by_lone_cells(tmp_path: Path) -> None:
    build = sheet_of(
        ["Please ask before you book."],
        [],
        ["Sick leave"],
        ["Kind", "Weeks", "Paid"],
        ["Own", 6, "yes"],
        [],
        ["Name", "Phone", "Room"],
        ["Ana", "555-1", "R1"],
    )
    found = parsed(tmp_path, build)
    assert found.text == (
        "Please ask before you book.\n\nSick leave\n\nKind | Weeks | Paid\nKind: Own | Weeks: 6 | Paid: yes\n"
        "Name | Phone | Room\nName: Ana | Phone: 555-1 | Room: R1"
    )
    assert [block.kind for block in found.blocks[:3]] == ["paragraph", "heading", "table_row"]


def test_a_long_header_is_told_by_its_first_line(tmp_path: Path) -> None:
    long = "Mitigation\nWhat will we do about this, and when, and who does it for us?"
    found = parsed(tmp_path, sheet_of(["Risk", long, "Owner"], ["Flood", "Sandbags", "Ben"]))
    assert found.text.endswith("Risk: Flood | Mitigation: Sandbags | Owner: Ben")


def test_merged_cells_stand_in_each_row_and_over_each_column(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        sheet = book.worksheets[0]
        for row in (
            ["Country", "Office", "Days", None],
            [None, None, "Sick", "Off"],
            ["Germany", "Berlin", 5, 30],
            [None, "Hamburg", 6, 29],
        ):
            sheet.append(row)
        for area in ("A1:A2", "B1:B2", "C1:D1", "A3:A4"):
            sheet.merge_cells(area)

    assert parsed(tmp_path, build).text.split("\n")[2:] == [
        "Country: Germany | Office: Berlin | Days Sick: 5 | Days Off: 30",
        "Country: Germany | Office: Hamburg | Days Sick: 6 | Days Off: 29",
    ]


def test_sheets_are_headings_and_hidden_ones_left_out(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        book.worksheets[0].title = "Leave"
        book.worksheets[0]["A1"] = "You get 16 weeks."
        book.create_sheet("Travel")["B7"] = "Book by train."
        book.create_sheet("Empty")
        hidden = book.create_sheet("Lists")
        hidden["A1"], hidden.sheet_state = "yes", "hidden"

    assert parsed(tmp_path, build).text == "Leave\n\nYou get 16 weeks.\n\nTravel\n\nBook by train."


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (45123.0, "General", "45123"),
        (0.1 + 0.2, "General", "0.3"),
        (0.255, "0.0%", "25.5%"),
        (326000000, '_("$"* #,##0_);_("$"* \\(#,##0\\)', "$326,000,000"),
        (-1234.5, "#,##0.00\\ [$€-407]", "-1,234.50 €"),
        (-0.001, "0.00", "0.00"),
        (7, "0000", "7"),
        (True, "General", "TRUE"),
        (MIDNIGHT, "mm-dd-yy", "2026-05-01"),
        (MIDNIGHT.replace(hour=13, minute=30), "General", "2026-05-01 13:30"),
        (dt.time(9, 5), "h:mm", "09:05"),
        (dt.timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
    ],
)
def test_values_look_as_they_do_in_the_sheet(value: Any, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


def test_dates_in_cells_are_dates(tmp_path: Path) -> None:
    build = sheet_of(["Day", dt.date(2026, 5, 1)], ["Start", MIDNIGHT.replace(hour=9)])
    assert parsed(tmp_path, build).text == "Day | 2026-05-01\nStart | 2026-05-01 09:00"


def test_a_million_empty_rows_take_no_time(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["A1"] = "You get 16 weeks."
        book.worksheets[0]["XFD1048576"] = "The end."

    assert parsed(tmp_path, build).text == "You get 16 weeks.\n\nThe end."


def test_a_sheet_that_lies_about_its_size_is_read_whole(tmp_path: Path) -> None:
    content = make_xlsx(sheet_of(["Parental", 16], ["Sick", 6]))
    lying = replaced_in_zip(content, "xl/worksheets/sheet1.xml", b'ref="A1:B2"', b'ref="A1:A1"')
    assert parse_file(write(tmp_path, "a.xlsx", lying), "a.xlsx").text == "Parental | 16\nSick | 6"


def test_data_rather_than_a_document_is_too_complex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_CELLS", 3)
    with pytest.raises(FileTooComplex, match="filled cells"):
        parsed(tmp_path, sheet_of(["a", "b"], ["c", "d"]))
