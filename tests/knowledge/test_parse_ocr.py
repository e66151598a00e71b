"""Scans: the wiring with a stand-in for Tesseract, and the real one where it is installed."""

import io
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from askacme.lib.errors import FileTooComplex, NoTextFound, UnreadableFile
from knowledge.ingest.parse import ocr, parse_file
from tests.knowledge.files import PNG, as_file, fake_tesseract, make_hocr, make_pdf, make_scan, write

LINES = ("Parental leave takes", "sixteen weeks.")
SCAN = as_file([make_scan(LINES)], "PDF")
SYSTEM = "/usr/bin:/bin"


@pytest.fixture
def tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = fake_tesseract(tmp_path / "bin", make_hocr(LINES))
    monkeypatch.setenv("PATH", f"{folder}:{SYSTEM}")
    return folder


@pytest.fixture
def no_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def mixed_pdf(pages: int = 3, scans: int = 1) -> bytes:
    """A PDF whose last pages are a drawing instead of text."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for number in range(pages):
        if number < pages - scans:
            canvas.drawString(72, 700, f"Written on page {number + 1}.")
        else:
            canvas.rect(72, 72, 200, 200)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.mark.usefixtures("tesseract")
def test_a_scan_is_read_and_says_so(tmp_path: Path) -> None:
    found = parse_file(write(tmp_path, "scan.pdf", SCAN), "scan.pdf")
    assert found.text == "Parental leave takes sixteen weeks."
    assert (found.page_count, found.ocr_pages, found.empty_pages) == (1, (1,), ())


def test_only_pages_without_text_are_recognised(tmp_path: Path, tesseract: Path) -> None:
    found = parse_file(write(tmp_path, "a.pdf", mixed_pdf()), "a.pdf")
    assert [block.page for block in found.blocks] == [1, 2, 3]
    assert found.ocr_pages == (3,)
    assert len((tesseract / "calls").read_text().splitlines()) == 1


def test_blank_pages_are_left_alone(tmp_path: Path, tesseract: Path) -> None:
    found = parse_file(write(tmp_path, "a.pdf", make_pdf([["Written."], []])), "a.pdf")
    assert (found.ocr_pages, found.empty_pages) == ((), (2,))
    assert not (tesseract / "calls").exists()


def test_english_comes_first_of_the_languages_installed(tmp_path: Path, tesseract: Path) -> None:
    parse_file(write(tmp_path, "scan.pdf", SCAN), "scan.pdf")
    assert "--dpi 300 --psm 1 -l eng+deu" in (tesseract / "calls").read_text()


@pytest.mark.usefixtures("tesseract")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_pictures_are_scans_too(tmp_path: Path, kind: str) -> None:
    found = parse_file(write(tmp_path, "scan", as_file([make_scan(LINES)], kind)), f"scan.{kind.lower()}")
    assert found.media_type == f"image/{kind.lower()}"
    assert (found.text, found.ocr_pages) == ("Parental leave takes sixteen weeks.", (1,))


@pytest.mark.usefixtures("tesseract")
def test_a_tiff_has_pages(tmp_path: Path) -> None:
    pages = as_file([make_scan(["one"]), make_scan(["two"])], "TIFF")
    found = parse_file(write(tmp_path, "scan.tif", pages), "scan.tif")
    assert (found.page_count, found.ocr_pages) == (2, (1, 2))


@pytest.mark.usefixtures("tesseract")
def test_a_broken_picture_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        parse_file(write(tmp_path, "scan.png", PNG), "scan.png")


@pytest.mark.usefixtures("no_tesseract")
@pytest.mark.parametrize("kind", ["PDF", "PNG"])
def test_without_tesseract_a_scan_fails_with_what_to_install(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, "scan", as_file([make_scan(LINES)], kind))
    with pytest.raises(NoTextFound, match=r"^no text found \(a scan\?\)\. Installing Tesseract.*tesseract-ocr"):
        parse_file(path, f"scan.{kind.lower()}")


def test_noise_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fake_tesseract(tmp_path / "bin", make_hocr(["eR ~ fe} 4"], confidence=20))
    monkeypatch.setenv("PATH", f"{folder}:{SYSTEM}")
    with pytest.raises(NoTextFound, match="Tesseract recognised none"):
        parse_file(write(tmp_path, "scan.pdf", SCAN), "scan.pdf")


def test_what_tesseract_takes_bullets_for_are_bullets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["« Sick leave;", "¢ parental leave;", "e Unpaid leave.", "« Jour de repos » comes last."]
    folder = fake_tesseract(tmp_path / "bin", make_hocr(lines))
    monkeypatch.setenv("PATH", f"{folder}:{SYSTEM}")
    text = parse_file(write(tmp_path, "scan.pdf", SCAN), "scan.pdf").text
    assert text.startswith("- Sick leave;\n- parental leave;\n- Unpaid leave.")
    assert text.endswith("« Jour de repos » comes last.")


def test_a_page_that_makes_tesseract_fail_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fake_tesseract(tmp_path / "bin", "", before="exit 1")
    monkeypatch.setenv("PATH", f"{folder}:{SYSTEM}")
    found = parse_file(write(tmp_path, "a.pdf", mixed_pdf()), "a.pdf")
    assert (found.ocr_pages, found.empty_pages) == ((), (3,))


@pytest.mark.usefixtures("tesseract")
def test_a_scan_with_too_many_pages_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "MAX_OCR_PAGES", 0)
    with pytest.raises(FileTooComplex, match="0 of 2 were read"):
        parse_file(write(tmp_path, "a.pdf", mixed_pdf(pages=3, scans=2)), "a.pdf")


@pytest.mark.usefixtures("tesseract")
def test_a_few_scanned_pages_too_many_leave_the_rest_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "MAX_OCR_PAGES", 0)
    found = parse_file(write(tmp_path, "a.pdf", mixed_pdf()), "a.pdf")
    assert (found.ocr_pages, found.empty_pages) == ((), (3,))


def test_the_sandbox_lets_tesseract_work_and_stops_it_in_time(tmp_path: Path) -> None:
    quick = fake_tesseract(tmp_path / "quick", make_hocr(LINES))
    slow = fake_tesseract(tmp_path / "slow", make_hocr(LINES), before="exec sleep 30")
    path = write(tmp_path, "scan.pdf", SCAN)
    assert _in_sandbox(path, f"{quick}:{SYSTEM}", timeout_s=30) == "(1,) Parental leave takes sixteen weeks.\n"
    began = time.monotonic()
    assert _in_sandbox(path, f"{slow}:{SYSTEM}", timeout_s=2).startswith("NoTextFound no text found")
    assert time.monotonic() - began < 15


@pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="Tesseract isn't installed (apt-get install tesseract-ocr)"
)
def test_the_real_tesseract_reads_a_page_within_the_sandbox_s_limits(tmp_path: Path) -> None:
    path = write(tmp_path, "scan.pdf", SCAN)
    assert "sixteen weeks" in _in_sandbox(path, os.environ["PATH"], timeout_s=60)


def _in_sandbox(path: Path, search_path: str, *, timeout_s: float) -> str:
    """What a fresh sandbox, which knows no other PATH, makes of the file."""
    code = (
        "import sys; sys.path[:] = sys.argv[2:]\n"
        "from askacme.lib.errors import AskAcmeError\n"
        "from knowledge.ingest.sandbox import parse_safely\n"
        "try:\n"
        f"    found = parse_safely(sys.argv[1], 'scan.pdf', timeout_s={timeout_s})\n"
        "    print(found.ocr_pages, found.text)\n"
        "except AskAcmeError as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    environment = {**os.environ, "PATH": search_path}
    command = [sys.executable, "-c", code, str(path), *sys.path]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
