"""
A text as people read it: without what nobody sees and without emphasis, in plain digits, letters, spaces and dashes.

Numbers come out of spreadsheets and PDFs with all of that in them, and whoever hides one puts it there.
"""

import re
import unicodedata
from dataclasses import dataclass

UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
DROPPED = re.compile(
    rf"[{UNSEEN}]+|(?<=\d)[\u0300-\u036f\u20e3]+"
    r"|(?<=\d)[*~`]{1,3}|[*~`]{1,3}(?=\d)|(?<=[A-Za-z0-9._@-])[*~`]{1,3}(?=[A-Za-z0-9_@-])"
)
"""Of emphasis only what stands in the middle of a word, or at a number."""


class PlainForms(dict[int, int]):
    """By code point, as `str.translate` asks; one character always stays one."""

    def __missing__(self, code: int) -> int:
        self[code] = ord(plain_form(chr(code)))
        return self[code]


def plain_form(char: str) -> str:
    if char.isascii():
        return char
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    match unicodedata.category(char):
        case "Zs":
            return " "
        case "Pd":
            return "-"
    compatible = unicodedata.normalize("NFKC", char)
    return compatible if len(compatible) == 1 and compatible.isascii() else char


PLAIN_FORMS = PlainForms()


@dataclass(frozen=True, slots=True)
class Reading:
    """`places[n]` is where the reading's character `n` stands in the text it was made of."""

    text: str
    places: tuple[int, ...]


def reading_of(text: str) -> Reading | None:
    """None for a text that is read as it is written: most are."""
    plain = DROPPED.sub("", text)
    if plain.isascii() and len(plain) == len(text):
        return None
    plain = plain.translate(PLAIN_FORMS)
    if plain == text:
        return None
    dropped = {place for match in DROPPED.finditer(text) for place in range(*match.span())}
    return Reading(plain, tuple(place for place in range(len(text)) if place not in dropped))
