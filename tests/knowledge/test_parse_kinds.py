"""Files that aren't what they should be."""

from pathlib import Path

import pytest

from askacme.lib.errors import EmptyFile, FileTooComplex, PasswordProtected, UnreadableFile, UnsupportedFile
from knowledge.ingest.parse import parse_file
from knowledge.ingest.parse.kind import ACCEPTED
from tests.knowledge.files import (
    add_slide,
    make_docx,
    make_pdf,
    make_pptx,
    make_xlsx,
    make_zip,
    make_zip_bomb,
    replaced_in_zip,
    understate_sizes,
    write,
)

WORD = make_docx(lambda document: document.add_paragraph("You get 16 weeks."))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
ODT = b"application/vnd.oasis.opendocument.text"
SLIDES = make_pptx(lambda deck: add_slide(deck, "You get 16 weeks."))
SHEET = make_xlsx(lambda book: book.worksheets[0].append(["You get 16 weeks."]))


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
        ("policy.pdf", b"GIF89a" + bytes(60), "a GIF picture", ACCEPTED),
        ("policy.pdf", b"<!DOCTYPE html><html><p>Sign in</p></html>", "a web page", ".html"),
        ("policy.docx", b"just text", "plain text", ".txt"),
        ("budget.xlsx", b"a,b\n1,2\n", "plain text", ".txt"),
        ("policy.docx", WORD[:2000], "a damaged or incomplete archive", ACCEPTED),
        ("policy.txt", b"\x00\x01\x02\x03" * 50, "data of an unknown kind", ACCEPTED),
    ],
)
def test_a_wrong_ending_is_explained(tmp_path: Path, name: str, content: bytes, found: str, advice: str) -> None:
    with pytest.raises(UnreadableFile) as raised:
        parse_file(write(tmp_path, name, content), name)
    assert found in str(raised.value)
    assert advice in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("policy.txt", make_pdf([["You get 16 weeks."]])),
        ("policy.pdf", WORD),
        ("policy", WORD),
        ("policy.docx", SLIDES),
        ("policy.csv", SHEET),
    ],
)
def test_what_a_file_holds_counts_more_than_its_ending(tmp_path: Path, name: str, content: bytes) -> None:
    assert parse_file(write(tmp_path, "upload", content), name).text == "You get 16 weeks."


@pytest.mark.parametrize(
    ("content", "found", "advice"),
    [
        (OLE + "WordDocument".encode("utf-16-le"), "an old Word document", "save it as .docx"),
        (OLE + "Workbook".encode("utf-16-le"), "an old Excel workbook", "save it as .xlsx"),
        (OLE + "PowerPoint Document".encode("utf-16-le"), "an old PowerPoint presentation", "save it as .pptx"),
        (OLE, "an old Office format", "save it as .docx, .pptx or .xlsx"),
        (b"{\\rtf1 text}", "an RTF document", "save it as .docx"),
        (make_zip({"mimetype": ODT, "content.xml": b"<office/>"}), "an OpenDocument text", "save it as .docx"),
        (make_zip({"[Content_Types].xml": b"", "xl/workbook.bin": b""}), "a binary Excel workbook", "save it as .xlsx"),
        (make_zip({"a.txt": b"a"}), "a zip archive", "Unpack it"),
    ],
)
def test_other_office_formats_are_named_with_what_to_save_as(
    tmp_path: Path, content: bytes, found: str, advice: str
) -> None:
    with pytest.raises(UnsupportedFile) as raised:
        parse_file(write(tmp_path, "upload", content), "policy.docx")
    assert found in str(raised.value)
    assert advice in str(raised.value)


@pytest.mark.parametrize(
    ("content", "plain", "with_macros"),
    [
        (WORD, "openxmlformats-officedocument.wordprocessingml.document", "ms-word.document.macroEnabled"),
        (
            SLIDES,
            "openxmlformats-officedocument.presentationml.presentation",
            "ms-powerpoint.presentation.macroEnabled",
        ),
        (SHEET, "openxmlformats-officedocument.spreadsheetml.sheet", "ms-excel.sheet.macroEnabled"),
    ],
)
def test_a_file_with_macros_is_read_without_them(tmp_path: Path, content: bytes, plain: str, with_macros: str) -> None:
    main = (f"vnd.{kind}.main+xml".encode() for kind in (plain, with_macros))
    changed = replaced_in_zip(content, "[Content_Types].xml", *main)
    assert parse_file(write(tmp_path, "upload", changed), "upload").text == "You get 16 weeks."


@pytest.mark.parametrize("name", ["song.mp3", "README", ".env"])
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


@pytest.mark.parametrize("folder", ["word", "ppt", "xl"])
def test_a_zip_bomb_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(FileTooComplex, match="unpacks"):
        parse_file(write(tmp_path, "upload", make_zip_bomb(folder)), "upload")


@pytest.mark.parametrize("main", ["ppt/presentation.xml", "xl/workbook.xml"])
def test_an_office_file_with_missing_parts_is_unreadable(tmp_path: Path, main: str) -> None:
    broken = make_zip({"[Content_Types].xml": b"<Types/>", main: b"<broken"})
    with pytest.raises(UnreadableFile, match="damaged"):
        parse_file(write(tmp_path, "upload", broken), "upload")


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        parse_file(write(tmp_path, "a.docx", understate_sizes(make_zip_bomb(), 1000)), "a.docx")
