"""Plain text: paragraphs, lists and headings as far as they show; lines wrapped by an editor are joined."""

import re
from pathlib import Path

from knowledge.ingest.parse.clean import clean
from knowledge.ingest.parse.decode import decode
from knowledge.ingest.parse.titles import first_heading, pick_title
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

LIST_MARK = re.compile(
    r"(?P<mark>[•●○◦▪■□▫❑➢➤✓✔‒–—*·₀-]|--|o(?=[ \t]+[A-Z])"
    r"|(?:\d{1,3}|[a-z]|[ivx]{2,4})[.)]|\((?:\d{1,2}|[a-z]|[ivx]{2,4})\))[ \t]+(?=\S)"
)
_RULE = re.compile(r"(={3,}|-{3,}|~{3,})\s*\Z")
_WIDEST_WRAP = 100


def parse(path: Path, filename: str) -> ParsedDocument:
    writer = TextWriter()
    write_text(decode(path.read_bytes()), writer)
    title = pick_title(filename, first_heading(writer))
    return writer.finish(title, "text/plain")


def write_text(text: str, writer: TextWriter) -> None:
    """Write the blocks of a plain text."""
    writer.look_behind(text)
    lines = clean(text).split("\n")
    width = wrap_width(lines)
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line.expandtabs(4))
        elif paragraph:
            _write(writer, paragraph, width)
            paragraph = []


def list_marker(mark: str) -> str:
    """A list item's mark as we write it: a dash for every bullet, numbers as they are."""
    return mark if mark[-1] in ".)" else "-"


def wrap_width(lines: list[str]) -> int | None:
    """The column at which an editor wrapped this text; None when its lines are as the author meant them."""
    longest = max(map(len, lines), default=0)
    near = sum(0.8 * longest <= len(line) for line in lines)
    return longest if 40 <= longest <= _WIDEST_WRAP and near >= max(3, 0.2 * sum(map(bool, lines))) else None


def _write(writer: TextWriter, lines: list[str], width: int | None) -> None:
    if len(lines) == 2 and _RULE.match(lines[1].strip()):
        writer.heading(lines[0], 1 if lines[1].strip()[0] == "=" else 2)
        return
    lines = [line for line in lines if not _RULE.match(line.strip())]
    if len(lines) == 1 and is_shouted(lines[0]):
        writer.heading(lines[0], 2)
        return
    marker, depth, parts = None, 1, [lines[0].strip()]
    for before, line in zip(["", *lines], lines, strict=False):
        if item := LIST_MARK.match(line.strip()):
            if before:
                _flush(writer, marker, depth, parts)
            marker, depth = list_marker(item["mark"]), 1 + (len(line) - len(line.lstrip())) // 4
            parts = [line.strip()[item.end() :]]
        elif before:
            parts += (_joint(before, line, width), line.strip())
    _flush(writer, marker, depth, parts)


def _flush(writer: TextWriter, marker: str | None, depth: int, parts: list[str]) -> None:
    if marker is None:
        writer.paragraph("".join(parts))
    else:
        writer.item("".join(parts), marker=marker, depth=depth)


def _joint(before: str, line: str, width: int | None) -> str:
    """A space when the line before broke only because the next word had no room."""
    return " " if width and len(before.rstrip()) + 1 + len(line.split(maxsplit=1)[0]) > width else "\n"


def is_shouted(line: str) -> bool:
    letters = [character for character in line if character.isalpha()]
    return len(line.strip()) <= 80 and len(letters) >= 3 and all(map(str.isupper, letters))
