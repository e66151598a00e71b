"""Text as people read it: no invisible characters, no ligatures, one kind of space and line break."""

import re
import unicodedata

_INVISIBLE = [
    *range(0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0xA0),
    0xAD,  # soft hyphen
    0x061C,
    0x180E,
    0x200B,
    *range(0x200E, 0x2010),  # text direction marks
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xFFFE, 0x10000),
    *range(0xE0000, 0xE01F0),  # tags and variation selectors, see `smuggled`
]
_SPACES = [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_SYMBOL_BULLETS = [0xF0B7, 0xF0A7, 0xF0D8, 0xF076, 0xF0FC]  # Wingdings and Symbol, where Word keeps its bullets
_TABLE: dict[int, str | None] = {
    **dict.fromkeys(_INVISIBLE),
    **dict.fromkeys([0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029], "\n"),
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_SYMBOL_BULLETS, "•"),
    **_LIGATURES,
}
_UNPRINTABLE = re.compile("[\ud800-\udfff\ue000-\uf8ff]")
# Joiners mean something between two letters of a script that uses them, and inside an emoji; nowhere else.
_STRAY_JOINER = re.compile("(?<![^\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f])")


def clean(text: str) -> str:
    """NFC text without invisible characters, whose only white space is spaces, tabs and line feeds."""
    text = text.replace("\r\n", "\n").translate(_TABLE)
    if text.isascii():
        return text
    text = _STRAY_JOINER.sub("", _UNPRINTABLE.sub("", text))
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def flowing(text: str) -> str:
    """A paragraph: single spaces, and line breaks only where the author set them."""
    return "\n".join(line for line in (" ".join(line.split()) for line in clean(text).split("\n")) if line)


def verbatim(text: str) -> str:
    """Code: its inner spacing kept, outer blank lines and trailing spaces not."""
    lines = [line.rstrip() for line in clean(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
