"""
A tool's result in words, by the template that its connector has: `You have {remaining_days} days left in {year}.`

Not `str.format`: a placeholder names keys and positions of the JSON result and nothing else. What another system says
is data, so nothing in it acts as Markdown in the answer.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from chat.pipeline.screen import is_visible

PLACE = re.compile(r"\{([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)\}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ACTIVE_IN_MARKDOWN = re.compile(r"[\\`*\[\]<>|~#]")
MAX_VALUE_CHARS = 200
MAX_LISTED = 12


class NotThere(ValueError):
    """The template names something that the result doesn't have."""


def worded(template: str, data: Any) -> str:
    """
    The template with its places filled, as Markdown.

    Raises NotThere.
    """
    return PLACE.sub(lambda place: in_words(at(data, place[1])), template)


def places_of(template: str) -> list[str]:
    return PLACE.findall(template)


def listed(data: Any) -> str:
    """Any result in words: its plain values, one a line, as Markdown. Empty when it has none."""
    if not isinstance(data, Mapping):
        return in_words(data) if is_plain(data) else ""
    plain = [(str(key), value) for key, value in data.items() if is_plain(value)][:MAX_LISTED]
    return "\n".join(f"- {in_words(key.replace('_', ' '))}: {in_words(value)}" for key, value in plain)


def at(data: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(data, Mapping) and part in data:
            data = data[part]
        elif isinstance(data, Sequence) and not isinstance(data, str) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            raise NotThere(f"The answer has no {path!r}.")
    if not is_plain(data):
        raise NotThere(f"{path!r} is not a plain value.")
    return data


def is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | Decimal)


def in_words(value: Any) -> str:
    """A plain value as people read it: no `12.0`, no `True`, no `2026-11-30`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, float | Decimal):
        number = Decimal(str(value))
        return f"{number:,f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:,f}"
    seen = "".join(char if is_visible(char) else " " for char in str(value))
    text = " ".join(seen.split())[:MAX_VALUE_CHARS]
    return in_full(text) if DAY.fullmatch(text) else ACTIVE_IN_MARKDOWN.sub(r"\\\g<0>", text)


def in_full(day: str) -> str:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found.day} {found:%B %Y}"
