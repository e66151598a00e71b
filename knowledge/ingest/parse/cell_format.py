"""Spreadsheet values as people see them: 0.25 in a percent column is 25%, a date is no serial number."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)(?:-[^\]]*)?\]|\[[^\]]*\]')
_DIGITS = re.compile(r"[#0?][#0?,.]*")
_SIGNIFICANT = 15  # as many digits as a double holds, and a spreadsheet shows


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a number format asks for; `decimals` is None for "General", which shows what there is."""

    decimals: int | None = None
    has_thousands: bool = False
    is_percent: bool = False
    before: str = ""
    after: str = ""


def shown(value: Any, number_format: str = "General") -> str:
    """
    A cell's value as text: numbers as their format shows them, dates and times as ISO 8601 without empty parts.

    Formats of fractions and in scientific notation are taken as "General".
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, format_of(number_format))
    if isinstance(value, dt.datetime):
        time = _time(value.time())
        return value.date().isoformat() if time == "00:00" else f"{value.date().isoformat()} {time}"
    if isinstance(value, dt.time):
        return _time(value)
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return str(value)


@lru_cache(maxsize=1000)
def format_of(number_format: str) -> NumberFormat:
    """What a format such as `_("$"* #,##0.00_);…` says about positive numbers."""
    positive = number_format.partition(";")[0]
    plain = _LITERAL.sub(_words_of, positive)
    digits = _DIGITS.search(plain)
    if digits is None or re.search(r"[/?]|E[+-]|General", plain):
        return NumberFormat()
    _, _, decimals = digits[0].partition(".")
    return NumberFormat(
        decimals=sum(character in "0#" for character in decimals),
        has_thousands=re.search(r"[#0],[#0]", digits[0]) is not None,
        is_percent="%" in plain,
        before=plain[: digits.start()].strip(),
        after=plain[digits.end() :].replace("%", "").rstrip(),
    )


def _words_of(literal: re.Match[str]) -> str:
    return literal[1] or literal[2] or literal[3] or ""


def _number(value: float, form: NumberFormat) -> str:
    if form.decimals is None:
        return _general(value)
    scaled = abs(value) * (100 if form.is_percent else 1)
    digits = f"{scaled:{',' if form.has_thousands else ''}.{form.decimals}f}"
    sign = "-" if value < 0 and digits.strip("0.,") else ""
    return f"{sign}{form.before}{digits}{'%' if form.is_percent else ''}{form.after}"


def _general(value: float) -> str:
    if isinstance(value, int) or (value.is_integer() and abs(value) < 10**_SIGNIFICANT):
        return str(int(value))
    return f"{value:.{_SIGNIFICANT}g}"


def _time(time: dt.time) -> str:
    return time.strftime("%H:%M:%S" if time.second else "%H:%M")
