"""
The ways to read a text: as it stands, and decoded, for an order in base64 is an order all the same.

Whatever decodes is only looked at. A reading that isn't made of words is dropped.
"""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from governance.guardrails.signals.alphabets import latin, tags_of, unleeted, visible, words_of

MAX_CHARACTERS = 12_000
"""Of a longer text the beginning and the end are read: orders stand there."""
MAX_DECODED = 2_000

_BASE64 = re.compile(r"(?<![\w/+=-])[A-Za-z0-9+/_-]{12,}={0,2}(?![\w/+])")
_HEX = re.compile(r"(?:(?:\\x|0x|%)?[0-9a-fA-F]{2}[\s,:]?){8,}")
_BINARY = re.compile(r"(?:[01]{8}\s?){4,}")
_ESCAPES = re.compile(r"\\u\{?([0-9a-fA-F]{4,5})\}?")
_SPACED = re.compile(r"(?<!\w)\w(?:[ \t.\-_*/|,]{1,3}\w(?!\w)){5,}")
_GLUED = re.compile(r"'\s*\+\s*'|\"\s*\+\s*\"")
_COMMONEST = (
    "the a an of to and in is are you your i me my it this that for with what how all not on be as can do say "
    "tell show write print answer question instructions previous ignore forget system prompt rules from now "
    "will password der die das und ist sind du dein deine ich mir mein was wie alle alles nicht zu sag zeige "
    "schreibe vergiss regeln ignoriere anweisungen frage antworte bitte el la los de que y en es le les un une "
    "et est "
)
_COMMON = frozenset(_COMMONEST.split())


@dataclass(frozen=True, slots=True)
class Decoded:
    """What else the text says, in words; `how` it was hidden: base64, hex, rot13, reversed, leet, spaced, …"""

    how: str
    words: str


@dataclass(frozen=True, slots=True)
class Readings:
    """`plain` keeps signs and lines; `words` is what patterns are written for."""

    plain: str
    words: str
    decoded: tuple[Decoded, ...]


@lru_cache(maxsize=64)
def readings(text: str) -> Readings:
    """All guards read the same question: it is taken apart once."""
    if len(text) > MAX_CHARACTERS:
        text = text[: MAX_CHARACTERS // 2] + "\n" + text[-MAX_CHARACTERS // 2 :]
    plain = latin(visible(text))
    words = words_of(plain)
    found: dict[str, str] = {}
    for how, other in _others(text, plain):
        other_words = words_of(other[:MAX_DECODED])
        if other_words != words and _is_language(other_words):
            found.setdefault(other_words, how)
    return Readings(plain, words, tuple(Decoded(how, other) for other, how in found.items()))


def _others(text: str, plain: str) -> Iterator[tuple[str, str]]:
    """How it may be hidden, and what it then says."""
    yield "tags", tags_of(text)
    yield "leet", unleeted(plain)
    yield "spaced", _closed_up(plain)
    yield "glued", _GLUED.sub("", plain)
    yield "escaped", _unescaped(plain)
    yield "base64", " ".join(_from_base64(plain))
    yield "hex", " ".join(_from_hex(plain))
    yield "binary", " ".join(_from_binary(plain))
    if len(plain) <= MAX_DECODED and not _is_language(words_of(plain), least=0.15):
        yield "rot13", codecs.decode(plain, "rot13")
        yield "reversed", plain[::-1]
        yield "reversed", " ".join(word[::-1] for word in plain.split())


def _is_language(words: str, least: float = 0.1) -> bool:
    """Enough of the commonest words; `least` is their share."""
    every = words.split()
    return bool(every) and sum(word in _COMMON for word in every) >= max(1, least * len(every))


def _closed_up(text: str) -> str:
    """`i g n o r e  a l l` without the gaps: wider gaps, where there are any, part the words."""
    return _SPACED.sub(lambda run: re.sub(r"(?<=\w)[ \t.\-_*/|,](?=\w)", "", run[0]), text)


def _unescaped(text: str) -> str:
    if "%" not in text and "&" not in text and "\\u" not in text:
        return ""
    return html.unescape(unquote(_ESCAPES.sub(lambda code: chr(int(code[1], 16)), text)))


def _from_base64(text: str) -> Iterator[str]:
    for lump in _BASE64.findall(text):
        body = lump.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield _printable(base64.b64decode(body + "=" * (-len(body) % 4)))
        except (binascii.Error, ValueError):
            continue


def _from_hex(text: str) -> Iterator[str]:
    for lump in _HEX.findall(text):
        digits = re.sub(r"\\x|0x|[^0-9a-fA-F]", "", lump)
        yield _printable(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _from_binary(text: str) -> Iterator[str]:
    for lump in _BINARY.findall(text):
        yield _printable(bytes(int(byte, 2) for byte in re.findall("[01]{8}", lump)))


def _printable(lump: bytes) -> str:
    """The text that the bytes are; nothing if they are none."""
    try:
        said = lump.decode("utf-8")[:MAX_DECODED]
    except UnicodeDecodeError:
        return ""
    return said if said.replace("\n", " ").isprintable() else ""
