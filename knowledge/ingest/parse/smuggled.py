"""
Words written in characters that have no shape: people see nothing, models read them.

Tags (U+E0000 block) repeat ASCII; variation selectors carry a byte each; long runs of zero-width characters carry
bits. A right-to-left override shows Latin words backwards.
"""

import re
from collections.abc import Iterator

_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{2,6}\U000e007f")  # a black flag with tags is Scotland's
_TAGS = re.compile("[\U000e0020-\U000e007e]{2,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff]{8,}")
_OVERRIDE = re.compile("\u202e([^\u202c\n]*[A-Za-z]{4}[^\u202c\n]*)")
_TAG_BASE = 0xE0000


def smuggled(text: str) -> Iterator[str]:
    """What the text says beside what it shows, decoded where that is possible."""
    for found in _TAGS.finditer(_FLAG.sub("", text)):
        yield "".join(chr(ord(character) - _TAG_BASE) for character in found[0])
    for found in _SELECTORS.finditer(text):
        yield bytes(map(_byte, found[0])).decode("utf-8", errors="replace")
    for found in _ZERO_WIDTH.finditer(text):
        yield f"{len(found[0])} characters of no width in a row"
    for found in _OVERRIDE.finditer(text):
        yield found[1]


def _byte(selector: str) -> int:
    number = ord(selector)
    return number - 0xFE00 if number < _TAG_BASE else number - 0xE0100 + 16
