"""What an encoded text may mean, read in every way that the naive model knows. It never asks whether it should."""

import base64
import binascii
import codecs
import unicodedata
from collections.abc import Callable

BRAILLE = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True)) | {" ": " ", "⠠": ""}
MORSE_CODES = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
    ".---- ..--- ...-- ....- ..... -.... --... ---.. ----. ----- /"
)
MORSE = dict(zip(MORSE_CODES.split(), "abcdefghijklmnopqrstuvwxyz1234567890 ", strict=True))
NATO_WORDS = (
    "alfa alpha bravo charlie delta echo foxtrot golf hotel india juliett juliet kilo lima mike november oscar papa "
    "quebec romeo sierra tango uniform victor whiskey xray zulu"
)
NATO = frozenset(NATO_WORDS.split())
LATIN = "abcdefghijklmnopqrstuvwxyz"
MIRRORED = str.maketrans(LATIN + LATIN.upper(), LATIN[::-1] + LATIN[::-1].upper())


def readings(encoded: str) -> list[str]:
    """Every reading that comes out as text, the likeliest first."""
    found = [reading for read in READERS if (reading := attempt(read, encoded))]
    return list(dict.fromkeys(found))


def attempt(read: Callable[[str], str], encoded: str) -> str:
    try:
        reading = read(encoded.strip())
    except (ValueError, KeyError, binascii.Error):
        return ""
    return reading.strip() if all(char.isprintable() or char in "\n\t" for char in reading) else ""


def base16(encoded: str) -> str:
    return bytes.fromhex(encoded).decode()


def base32(encoded: str) -> str:
    return base64.b32decode(encoded).decode()


def base_64(encoded: str) -> str:
    return base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True).decode()


def ascii85(encoded: str) -> str:
    return base64.a85decode(encoded).decode()


def base85(encoded: str) -> str:
    return base64.b85decode(encoded).decode()


def uuencoded(encoded: str) -> str:
    return "".join(binascii.a2b_uu(line).decode() for line in encoded.splitlines())


def braille(encoded: str) -> str:
    return "".join(BRAILLE[char] for char in encoded)


def morse(encoded: str) -> str:
    return "".join(MORSE[code] for code in encoded.split())


def nato(encoded: str) -> str:
    words = encoded.lower().replace("-", "").split()
    if not NATO.issuperset(words):
        raise ValueError(encoded)
    return "".join(word[0] for word in words)


def zalgo(encoded: str) -> str:
    plain = "".join(char for char in unicodedata.normalize("NFD", encoded) if not unicodedata.combining(char))
    if plain == encoded:
        raise ValueError(encoded)
    return plain


def rot13(encoded: str) -> str:
    return codecs.encode(encoded, "rot13")


def atbash(encoded: str) -> str:
    return encoded.translate(MIRRORED)


READERS = (morse, braille, zalgo, nato, base16, base32, base_64, uuencoded, ascii85, base85, rot13, atbash)
