"""A title a person would recognise, from whatever the file offers."""

import re
from pathlib import PurePath

from knowledge.ingest.parse.clean import one_line
from knowledge.ingest.parse.writer import TextWriter

_JUNK = re.compile(
    r"(microsoft (word|powerpoint|excel)|powerpoint|word document|document ?\d*$|presentation ?\d*$|slide \d|title$"
    r"|untitled|unbenannt|\(anonymous\)$)",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"\S+_\S+$|.*\.(docx?|pdf|pptx?|xlsx?|indd|qxd|txt|html?|pub|ai|pages|odt|rtf|tmp)$", re.IGNORECASE
)
_MAX_LENGTH = 300


def pick_title(filename: str, *candidates: str | None) -> str:
    """The first candidate that says anything; else the file's stem made readable."""
    titles = (one_line(candidate or "") for candidate in candidates)
    return next(filter(None, titles), readable_stem(filename))[:_MAX_LENGTH]


def unless_junk(title: str | None) -> str | None:
    """A title from a file's properties, unless an editor put it there or it is a file's name."""
    title = one_line(title or "")
    return None if len(title) < 4 or _JUNK.match(title) or _FILE_NAME.match(title) else title


def readable_stem(filename: str) -> str:
    stem = one_line(re.sub(r"[-_+]+", " ", PurePath(filename).stem)) or "Untitled"
    return (stem[0].upper() + stem[1:])[:_MAX_LENGTH]


def first_heading(writer: TextWriter, *, level: int = 6) -> str | None:
    """The first heading written whose level is at most `level`."""
    return next((text for depth, text in writer.headings if depth <= level), None)
