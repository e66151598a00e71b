"""Files that aren't what they should be."""

from pathlib import Path

import pytest

from askacme.lib.errors import EmptyFile, FileTooComplex, PasswordProtected, UnreadableFile, UnsupportedFile
from knowledge.ingest.parse import parse_file
from knowledge.ingest.parse.kind import ACCEPTED
from tests.knowledge.files import PNG, make_docx, make_pdf, make_zip, make_zip_bomb, understate_sizes, write

WORD = make_docx(lambda document: document.add_paragraph("You get 16 weeks."))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


@pytest.mark.parametrize("name", ["policy.pdf", "policy.docx", "policy.txt", "policy.md", "policy.html"])
def test_a_file_of_zero_bytes_is_empty(tmp_path: Path, name: str) -> None:
    with pytest.raises(EmptyFile, match="empty"):
        parse_file(write(tmp_path, name, b""), name)


@pytest.mark.parametrize("content", ["  \n\t\r\n ", "\ufeff \n"])
def test_a_file_of_white_space_is_empty(tmp_path: Path, content: str) -> None:
    with pytest.raises(EmptyFile):
        parse_file(write(tmp_path, "policy.txt", content), "policy.txt")


@pytest.mark.parametrize(
    ("name", "content", "found", "advice"),
    [
        ("policy.pdf", PNG, "a PNG picture", ACCEPTED),
        ("policy.pdf", b"<!DOCTYPE html><html><p>Sign in</p></html>", "a web page", ".html"),
        ("policy.docx", make_pdf([["text"]]), "a PDF", ".pdf"),
        ("policy.docx", b"just text", "plain text", ".txt"),
        ("policy.docx", make_zip({"a.txt": b"a"}), "a zip archive", ACCEPTED),
        ("policy.docx", make_zip({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "an Excel workbook", ACCEPTED),
        ("policy.docx", WORD[:2000], "a damaged or incomplete archive", ACCEPTED),
        ("policy.docx", OLE, "an old Office format", ACCEPTED),
        ("policy.txt", make_pdf([["text"]]), "a PDF", ".pdf"),
        ("policy.txt", b"\x00\x01\x02\x03" * 50, "data of an unknown kind", ACCEPTED),
        ("policy.md", WORD, "a Word document", ".docx"),
    ],
)
def test_a_wrong_ending_is_explained(tmp_path: Path, name: str, content: bytes, found: str, advice: str) -> None:
    with pytest.raises(UnreadableFile) as raised:
        parse_file(write(tmp_path, name, content), name)
    assert found in str(raised.value)
    assert advice in str(raised.value)


@pytest.mark.parametrize("name", ["budget.xlsx", "photo.png", "README", ".env"])
def test_other_kinds_of_files_are_named_with_those_accepted(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsupportedFile, match=r"Markdown \(\.md\)"):
        parse_file(write(tmp_path, "upload", b"something"), name)


def test_the_ending_is_read_in_any_case(tmp_path: Path) -> None:
    assert parse_file(write(tmp_path, "upload", b"You get 16 weeks."), "POLICY.TXT").text == "You get 16 weeks."


def test_a_broken_pdf_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        parse_file(write(tmp_path, "a.pdf", b"%PDF-1.4\n" + b"garbage" * 100), "a.pdf")


def test_a_password_protected_pdf_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "a.pdf", make_pdf([["secret"]], password="open sesame"))
    with pytest.raises(PasswordProtected, match="password"):
        parse_file(path, "a.pdf")


def test_a_password_protected_word_file_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "a.docx", OLE + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(PasswordProtected, match="password"):
        parse_file(path, "a.docx")


def test_a_word_file_with_missing_parts_is_unreadable(tmp_path: Path) -> None:
    broken = make_zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<broken"})
    with pytest.raises(UnreadableFile, match="damaged"):
        parse_file(write(tmp_path, "a.docx", broken), "a.docx")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileTooComplex, match="unpacks"):
        parse_file(write(tmp_path, "a.docx", make_zip_bomb()), "a.docx")


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        parse_file(write(tmp_path, "a.docx", understate_sizes(make_zip_bomb(), 1000)), "a.docx")
