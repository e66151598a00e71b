"""Bytes to text: byte order mark, UTF-8, what the page says, Windows-1252, then a guess."""

import codecs
import re

from charset_normalizer import from_bytes

from askacme.lib.errors import EmptyFile, FileTooComplex, UnreadableFile
from knowledge.ingest.parse.limits import MAX_CHARACTERS

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})|<\?xml[^>]{0,100}?encoding=[\"']([\w-]{2,40})",
    re.IGNORECASE,
)
# What Western European text holds beyond ASCII. Cyrillic or Polish bytes read as Windows-1252 soon leave this set.
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿŒœŸ€‚„…†‡‰‹‘’“”•–—™›¡£§©«®°·»¿ \xad¼½¾×")
_GUESS_FROM_BYTES = 200_000


def decode(raw: bytes) -> str:
    """
    The text of a file of unknown encoding.

    Raises EmptyFile when there is nothing but white space, UnreadableFile when it isn't text.
    """
    if len(raw) > 4 * MAX_CHARACTERS:
        raise FileTooComplex("This file holds too much text. Split it into smaller files and upload those.")
    text = _decode(raw)
    if not text.strip(" \t\r\n\f\v\x00\ufeff"):
        raise EmptyFile("This file is empty. Check that it was saved, and upload it again.")
    return text


def _decode(raw: bytes) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _declared(raw) or _western(raw) or _guessed(raw)


def _declared(raw: bytes) -> str | None:
    found = _DECLARED.search(raw[:4096])
    if found is None:
        return None
    name = (found[1] or found[2]).decode("ascii")
    if name.lower() in {"iso-8859-1", "latin1", "us-ascii", "ascii"}:
        name = "cp1252"  # as browsers do
    try:
        return raw.decode(name)
    except (LookupError, UnicodeDecodeError):
        return None


def _western(raw: bytes) -> str | None:
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    beyond = [character for character in text if character > "\x7f"]
    odd = sum(character not in _WESTERN for character in beyond)
    return text if len(beyond) < 0.2 * len(text) and odd <= 0.02 * len(beyond) else None


def _guessed(raw: bytes) -> str:
    best = from_bytes(raw[:_GUESS_FROM_BYTES]).best()
    if best is None:
        raise UnreadableFile(
            "The text in this file could not be decoded. Save it with the encoding UTF-8 and upload it again."
        )
    return raw.decode(best.encoding, errors="replace")
