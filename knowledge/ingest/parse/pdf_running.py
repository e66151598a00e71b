"""Heads, feet and page numbers that run through a PDF: they interrupt sentences and mean nothing to a search."""

import re
from collections import Counter

from knowledge.ingest.parse.pdf_lines import Line

_EDGE = 0.12  # of the page's height, from its top and its foot
_MOST = 0.45  # heads of left and right pages each stand on half of them
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"\W*(?:(?:page|seite|p\.?)\s*)?#(?:\s*(?:of|/|von|\|)\s*#)?\W*", re.IGNORECASE)


def without_running_lines(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages without the lines that stand at the edge of most of them, numbers apart."""
    count = sum(map(bool, pages))
    if count < 2:
        return pages
    seen = Counter(pattern for lines in pages for pattern in {_pattern(line) for line in lines if _at_edge(line)})
    running = {pattern for pattern, times in seen.items() if times >= _needed(pattern, count)}
    return [[line for line in lines if not (_at_edge(line) and _pattern(line) in running)] for lines in pages]


def _needed(pattern: str, pages: int) -> float:
    least = 2 if "#" in pattern else 3
    return max(least, 0.25 * pages if _PAGE_NUMBER.fullmatch(pattern) else _MOST * pages)


def _at_edge(line: Line) -> bool:
    return not _EDGE < line.position < 1 - _EDGE


def _pattern(line: Line) -> str:
    return _NUMBER.sub("#", " ".join(line.text.split()))
