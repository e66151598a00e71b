"""Days and times of day, however they are written."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTHS = {name[:length]: n for n, name in enumerate(_MONTH_NAMES, 1) for length in {3, 4, len(name)}}
_WRITTEN = sorted({*map(str.title, _MONTHS), *map(str.upper, _MONTH_NAMES)}, key=len, reverse=True)
_MONTH = rf"(?P<month>{'|'.join(_WRITTEN)})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_FORMS = [
    re.compile(rf"\b{_MONTH}\s+{_DAY}\b(?:,?\s+{_YEAR}\b)?"),
    re.compile(rf"\b{_DAY}\.?\s+(?:of\s+)?{_MONTH}(?!\w)(?:,?\s+{_YEAR}\b)?"),
    re.compile(rf"\b{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b"),
    re.compile(r"\b(?P<one>\d{1,2})[/.](?P<other>\d{1,2})[/.](?P<year>(?:19|20)?\d\d)\b"),
    re.compile(rf"(?<!^)(?<![.!?:] )\b{_MONTH}(?!\w)(?:,?\s+{_YEAR}\b)?"),
]
_CLOCK = re.compile(
    r"\b(?P<hour>[01]?\d|2[0-4])(?::(?P<minute>[0-5]\d))?\s?(?P<half>[ap]\.?m\b\.?)"
    r"|\b(?P<hour24>[01]?\d|2[0-4]):(?P<minute24>[0-5]\d)\b",
    re.IGNORECASE,
)
HALF_A_DAY = 12 * 60


@dataclass(frozen=True, slots=True)
class Day:
    """
    `readings` are its possible (month, day) pairs: 3/4 is in March or in April. None: not said.

    It stands in the text from `start` to `end`.
    """

    readings: frozenset[tuple[int, int | None]]
    year: int | None
    said: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clock:
    """`readings` in minutes since midnight: 5:00 without am or pm has two."""

    readings: frozenset[int]
    said: str
    start: int
    end: int


def days(text: str) -> list[Day]:
    found: list[Day] = []
    for form in _FORMS:
        for match in form.finditer(text):
            day = _day(match)
            if day and not any(other.start < day.end and day.start < other.end for other in found):
                found.append(day)
    return found


def clocks(text: str) -> list[Clock]:
    return [Clock(_minutes(match), match[0].strip(" ."), *match.span()) for match in _CLOCK.finditer(text)]


def days_lacking(said: Iterable[Day], known: Iterable[Day], words: str) -> Iterator[Day]:
    """Those that are not among the `known`; `words` is the text that these stand in, where a year may stand alone."""
    there = [*known]
    for day in said:
        if not any(_same(day, other, words) for other in there):
            yield day


def clocks_lacking(said: Iterable[Clock], known: Iterable[Clock]) -> Iterator[Clock]:
    there = frozenset[int]().union(*(clock.readings for clock in known))
    return (clock for clock in said if not clock.readings & there)


def without(text: str, parts: Iterable[Day | Clock]) -> str:
    """The text with blanks where the parts stand."""
    for part in parts:
        text = text[: part.start] + " " * (part.end - part.start) + text[part.end :]
    return text


def _day(match: re.Match[str]) -> Day | None:
    fields = match.groupdict()
    year = int(fields["year"]) if fields.get("year") else None
    if year is not None and year < 100:
        year += 2000
    if "one" in fields:
        one, other = int(fields["one"]), int(fields["other"])
        pairs = ((one, other), (other, one))
        readings = frozenset[tuple[int, int | None]]((m, d) for m, d in pairs if 1 <= m <= 12 and 1 <= d <= 31)
    else:
        month = fields["month"].lower().rstrip(".")
        day = int(fields["day"]) if fields.get("day") else None
        readings = frozenset[tuple[int, int | None]]({(int(month) if month.isdigit() else _MONTHS[month], day)})
    return Day(readings, year, match[0].strip(), *match.span()) if readings else None


def _same(said: Day, known: Day, words: str) -> bool:
    if said.year is not None and said.year != known.year and (known.year or str(said.year) not in words):
        return False
    return any(month == m and (day is None or day == d) for month, day in said.readings for m, d in known.readings)


def _minutes(match: re.Match[str]) -> frozenset[int]:
    if match["hour24"]:
        minutes = int(match["hour24"]) * 60 + int(match["minute24"])
        return frozenset({minutes} if minutes > HALF_A_DAY else {minutes, (minutes + HALF_A_DAY) % (2 * HALF_A_DAY)})
    minutes = int(match["hour"]) % 12 * 60 + int(match["minute"] or 0)
    return frozenset({minutes + HALF_A_DAY * match["half"].lower().startswith("p")})
