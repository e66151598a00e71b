"""Two columns of prose side by side are read one after the other; the cells of a table row stay together."""

from collections import Counter
from dataclasses import replace

from knowledge.ingest.parse.pdf_lines import Line, Row

_MIN_ROWS = 5
_MIN_CHARACTERS = 20
_FILLED = 0.75  # prose fills its column; a table's cells mostly don't


def in_reading_order(rows: list[Row]) -> list[Line]:
    """The page's lines; rows with several parts become table rows unless the page is set in two columns."""
    gutter = _gutter(rows)
    if gutter is None:
        return [_merged(row) for row in rows]
    lines: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for row in rows:
        begins = tuple(part for part in row if part.left < gutter)
        ends = tuple(part for part in row if part.left >= gutter)
        if begins and not ends and begins[-1].right > gutter:  # a line across both columns
            lines += [*_downward(left), *_downward(right), _merged(row)]
            left, right = [], []
            continue
        left += [_merged(begins)] if begins else []
        right += [_merged(ends)] if ends else []
    return [*lines, *_downward(left), *_downward(right)]


def _gutter(rows: list[Row]) -> float | None:
    """Where the right column begins, if at least five rows hold two parts of prose divided at the same place."""
    pairs = [row for row in rows if len(row) == 2 and min(len(part.text) for part in row) >= _MIN_CHARACTERS]
    if len(pairs) < _MIN_ROWS:
        return None
    nearby, _ = Counter(round(second.left / 12) for _, second in pairs).most_common(1)[0]
    aligned = [(first, second) for first, second in pairs if abs(second.left / 12 - nearby) <= 1.5]
    start = min(second.left for _, second in aligned)
    widest = max(first.right - first.left for first, _ in aligned)
    filled = sum(first.right - first.left >= _FILLED * widest for first, _ in aligned)
    if len(aligned) < _MIN_ROWS or filled < 0.5 * len(aligned) or any(first.right > start for first, _ in aligned):
        return None
    return start - 1


def _downward(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: -line.bottom)


def _merged(row: Row) -> Line:
    if len(row) == 1:
        return row[0]
    return replace(
        row[0],
        text=" ".join(part.text for part in row),
        right=row[-1].right,
        bold=all(part.bold for part in row),
        cells=tuple(part.text for part in row),
    )
