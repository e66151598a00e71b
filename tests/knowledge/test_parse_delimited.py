from pathlib import Path

import pytest

from askacme.lib.errors import FileTooComplex
from knowledge.ingest.parse import delimited, parse_file


def parsed(folder: Path, content: str | bytes, name: str = "leave.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return parse_file(path, name).text


ROWS = "Kind | Weeks | Paid\nKind: Parental | Weeks: 16 | Paid: yes\nKind: Sick | Weeks: 6 | Paid: no"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = ["Kind,Weeks,Paid", "Parental,16,yes", "Sick,6,no"]
    assert parsed(tmp_path, "\r\n".join(lines).replace(",", delimiter)) == ROWS


def test_excel_s_line_with_the_delimiter_is_left_out(tmp_path: Path) -> None:
    assert parsed(tmp_path, "sep=;\nKind;Weeks;Paid\nParental;16;yes\nSick;6;no\n") == ROWS


def test_tabs_part_the_columns_of_tsv_whatever_else_there_is(tmp_path: Path) -> None:
    assert parsed(tmp_path, "Ana, Ben\t1,5\nCleo, Dan\t2,5\n", "team.tsv") == "Ana, Ben | 1,5\nCleo, Dan | 2,5"


def test_quoted_cells_may_hold_delimiters_quotes_and_lines(tmp_path: Path) -> None:
    content = 'Kind,Rule,Paid\nParental,"16 weeks, ""in one go""\nor two",yes\n'
    assert parsed(tmp_path, content).endswith('Kind: Parental | Rule: 16 weeks, "in one go" or two | Paid: yes')


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_told_as_in_plain_text(tmp_path: Path, encoding: str) -> None:
    content = "Büro;Größe;Straße\nKöln;5;Rösrather Straße\n".encode(encoding)
    assert parsed(tmp_path, content).endswith("Büro: Köln | Größe: 5 | Straße: Rösrather Straße")


def test_one_column_is_text(tmp_path: Path) -> None:
    assert parsed(tmp_path, "Reason\nSick\nParental\n") == "Reason\n\nSick\n\nParental"


def test_cells_of_invisible_characters_are_no_obstacle(tmp_path: Path) -> None:
    assert parsed(tmp_path, "\u200b\nKind,Weeks\nSick,6\n").endswith("Sick | 6")


def test_data_rather_than_a_document_is_too_complex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAX_CELLS", 3)
    with pytest.raises(FileTooComplex, match="filled cells"):
        parsed(tmp_path, "a,b\nc,d\n")
