"""
Parts of other people's JSON, read without trust: what isn't of the expected type counts as absent.
"""

from typing import Any

JsonObject = dict[str, Any]

MAX_COUNT = 2**31 - 1
"""More tokens than this is nonsense, and more than a column of the database holds."""


def an_object(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}


def a_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def a_text(value: Any) -> str:
    """A string, or the texts of a list of parts (`[{"type": "text", "text": …}]`, as Mistral sends them)."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    return "".join(a_text(part.get("text")) for part in value if isinstance(part, dict))


def a_count(value: Any) -> int:
    """A number of tokens; 0 when there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_COUNT else 0
