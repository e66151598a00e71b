"""
Text recognition with Tesseract, where it is installed: the lines of a page that is only a picture.

Tesseract runs as a child of the parser's process, which hands its limits of memory and processor time down to it.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import mean, median
from typing import Any

from lxml import etree

from askacme.lib.errors import FileTooComplex, NoTextFound
from knowledge.ingest import progress
from knowledge.ingest.parse.clean import one_line
from knowledge.ingest.parse.pdf_lines import Line

DPI = 300
_POINTS = 72 / DPI  # in a pixel
MAX_OCR_PAGES = 300
BODY_SIZE = 10.0
_PAGE_TIMEOUT_S = 30.0
_ALL_PAGES_TIMEOUT_S = 600.0  # where nobody has set the process an alarm
_SHARE = 0.85  # of the time left, so that what was read can still be put together
_MAX_LANGUAGES = 4  # each one more takes as long again
_NOT_LANGUAGES = frozenset({"osd", "equ", "snum"})
_MIN_WORD, _MIN_LINE = 30, 55  # confidence in percent: what is below is noise
_BIGGER = 1.35  # a line this much higher than the page's usual one is a heading
_PROPERTY = re.compile(r"(bbox|x_size|x_wconf) ([-\d. ]+)")
_BULLET = re.compile(r"(?:[«¢°©®](?!.*»)|e(?= [A-Z])) +(?=\S)")  # what Tesseract takes a bullet for

INSTALL = (
    "no text found (a scan?). Installing Tesseract lets AskAcme read scans (on the server: apt-get install "
    "tesseract-ocr); or upload a version whose text can be selected and copied."
)
NOTHING_READ = (
    "no text found (a scan?): Tesseract recognised none on its pages. Scan it again straight and sharp, at 300 dots "
    "per inch, or upload a version whose text can be selected and copied."
)
_TOO_SLOW = (
    "This scan has more pages than can be recognised in the time a file is given: {read} of {pages} were read. "
    "Split it into smaller files and upload those, or raise ASKACME_PARSE_TIMEOUT_S."
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a grey picture in PGM format, whose pixels stand `DPI` to the inch."""

    page: int
    pgm: bytes
    height: int


def as_pgm(grey: bytes, width: int, height: int) -> bytes:
    """Rows of one byte per pixel as a PGM file, which takes no time to write or read."""
    return b"P5 %d %d 255\n" % (width, height) + grey


def is_installed() -> bool:
    return shutil.which("tesseract") is not None


def read_pages(
    pages: list[int], render: Callable[[int], Picture], *, body_size: float = BODY_SIZE, may_skip: bool = False
) -> dict[int, list[Line]]:
    """
    The lines recognised on each of the pages, by page; pages without any are left out.

    `render` is called in this thread only. The lines of usual height get the size `body_size`, so that they fit in
    with pages that have text of their own. Raises FileTooComplex when time or the number of pages runs out before
    the last page, unless `may_skip`; NoTextFound when Tesseract isn't there.
    """
    if not is_installed():
        raise NoTextFound(INSTALL)
    deadline = time.monotonic() + _seconds_left() * _SHARE
    languages = _languages()
    at_once = max(1, min(4, os.cpu_count() or 1))
    found: dict[int, list[Line]] = {}
    with ThreadPoolExecutor(at_once) as pool:
        for begin in range(0, len(pages), at_once):
            if time.monotonic() >= deadline or begin >= MAX_OCR_PAGES:
                if may_skip:
                    break
                raise FileTooComplex(_TOO_SLOW.format(read=begin, pages=len(pages)))
            pictures = [render(page) for page in pages[begin : begin + at_once]]
            timeout_s = min(_PAGE_TIMEOUT_S, max(deadline - time.monotonic(), 0.1))
            recognise = partial(_recognise, languages=languages, timeout_s=timeout_s)
            for picture, hocr in zip(pictures, pool.map(recognise, pictures), strict=True):
                if lines := lines_of(hocr, picture, body_size):
                    found[picture.page] = lines
            progress.done(min(1.0, (begin + at_once) / len(pages)))
    return found


def lines_of(hocr: bytes, picture: Picture, body_size: float) -> list[Line]:
    """
    The lines in Tesseract's hOCR (an HTML page), noise left out, in points.

    The distances between lines are made up: small within what Tesseract takes for a paragraph, else big. What a
    skewed scan has is too uneven to tell paragraphs by.
    """
    if not hocr.strip():
        return []
    root = etree.fromstring(hocr, etree.HTMLParser(encoding="utf-8", huge_tree=True))
    read = list(_readable(root)) if root is not None else []
    usual = median(line.height for line in read) if read else 1.0
    lines: list[Line] = []
    bottom, paragraph = picture.height * _POINTS, None
    for line in read:
        ratio = line.height / usual
        size = round(body_size * ratio) if ratio >= _BIGGER else body_size
        bottom -= size * (1.2 if line.paragraph is paragraph else 2.4)
        paragraph = line.paragraph
        lines.append(
            Line(
                text=line.text,
                page=picture.page,
                left=line.left * _POINTS,
                right=line.right * _POINTS,
                bottom=bottom,
                size=size,
                bold=False,
                position=1 - line.bottom / picture.height,
            )
        )
    return lines


@dataclass(frozen=True, slots=True)
class _Read:
    """A line as Tesseract tells of it, in pixels from the page's top."""

    text: str
    left: float
    right: float
    bottom: float
    height: float
    paragraph: Any


def _readable(root: Any) -> Iterator[_Read]:
    for line in root.xpath("//span[starts-with(@class, 'ocr_')]"):
        found = [(one_line("".join(word.itertext())), _properties(word)) for word in line.iterchildren("span")]
        words = [(text, _surety(said)) for text, said in found if text and _surety(said) >= _MIN_WORD]
        text = " ".join(text for text, _ in words)
        text = f"• {text[bullet.end() :]}" if (bullet := _BULLET.match(text)) else text
        said = _properties(line)
        box = said.get("bbox", ())
        if len(box) != 4 or sum(map(str.isalnum, text)) < 2 or mean(surety for _, surety in words) < _MIN_LINE:
            continue
        left, top, right, bottom = box
        height = max(*said.get("x_size", (bottom - top,)), 1.0)
        yield _Read(text, left, right, bottom, height, line.getparent())


def _surety(said: dict[str, tuple[float, ...]]) -> float:
    return said.get("x_wconf", (100.0,))[0]


def _properties(element: Any) -> dict[str, tuple[float, ...]]:
    found = _PROPERTY.findall(element.get("title") or "")
    return {name: tuple(float(number) for number in numbers.split()) for name, numbers in found}


def _recognise(picture: Picture, *, languages: tuple[str, bool], timeout_s: float) -> bytes:
    """Tesseract's hOCR for one picture; nothing when it fails or takes too long: the page then counts as empty."""
    names, knows_direction = languages
    command = ["tesseract", "stdin", "stdout", "--dpi", str(DPI), "--psm", "1" if knows_direction else "3"]
    command += ["-l", names] if names else []
    try:
        done = subprocess.run(
            [*command, "-c", "tessedit_create_hocr=1"],
            input=picture.pgm,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # pages are read side by side instead
        )
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout if done.returncode == 0 else b""


def _languages() -> tuple[str, bool]:
    """English and what else is installed, as Tesseract wants it; and whether it can tell a page's direction."""
    done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=10, check=False)
    listed = [line.strip() for line in done.stdout.splitlines()[1:]]
    usable = [name for name in listed if name and "/" not in name and name not in _NOT_LANGUAGES]
    usable.sort(key=lambda name: (name != "eng", name))
    return "+".join(usable[:_MAX_LANGUAGES]), "osd" in listed


def _seconds_left() -> float:
    """What the alarm of this process leaves, which the sandbox sets."""
    return signal.getitimer(signal.ITIMER_REAL)[0] or _ALL_PAGES_TIMEOUT_S
