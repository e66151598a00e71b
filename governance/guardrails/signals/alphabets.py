"""
Letters that pass for others: look-alikes of other scripts, digits for letters, and letters that nobody sees.

The look-alikes are those of Unicode's confusables (UTS #39) that imitate a Latin letter in the usual fonts.
"""

import re
import unicodedata

_PAIRS = (
    "аa вb сc ԁd еe ёe ɡg һh іi їi јj кk ӏl мm пn оo рp ԛq гr ѕs тt υu ѵv ѡw ԝw хx уy ү y "  # Cyrillic, small
    "АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ЅS ТT ХX УY ԜW ԚQ "  # Cyrillic, capital
    "αa βb ϲc εe ηn ιi κk νv οo ρp σo τt υu χx γy ωw "  # Greek, small
    "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX "  # Greek, capital
    "օo սu հh ոn տs ցg ȷj ɩi ɪi ɑa ıi łl øo đd ŧt "  # Armenian and odd Latin
    "ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"  # small capitals
)
LOOK_ALIKES = {ord(pair[0]): pair[1] for pair in _PAIRS.split() if len(pair) == 2}
LEET = str.maketrans("013457@$!|+€", "oieastasiite")

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0100-\U000e01ef]"
)
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_WORD = re.compile(r"\w+")
_LATIN = re.compile(r"[A-Za-z]")
_FOREIGN = re.compile(r"[\u0250-\u02af\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u1d00-\u1d7f\ua720-\ua7ff]")
_LEET_WORD = re.compile(r"(?<!\w)[\w@$!|+€]{3,}")
_LEET_SIGN = re.compile(r"[0134570@$!|+€]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SIGNS = re.compile(r"[^\w]+|_+")


def tags_of(text: str) -> str:
    """What stands in Unicode's tag letters, an invisible copy of ASCII."""
    if text.isascii():
        return ""
    return "".join(chr(ord(letter) - 0xE0000) for run in _TAGS.findall(text) for letter in run if letter > "\U000e001f")


def visible(text: str) -> str:
    """In Unicode's compatibility form, without what nobody sees: soft hyphens, joiners, marks of direction, tags."""
    if text.isascii():
        return text
    return INVISIBLE.sub("", _TAGS.sub("", unicodedata.normalize("NFKC", text)))


def latin(text: str) -> str:
    """
    Look-alikes turned into the Latin letters they imitate, in words that mix scripts or stand among Latin words.

    A text that is Russian or Greek stays as it is.
    """
    if text.isascii() or not _FOREIGN.search(text):
        return text
    is_latin = len(_LATIN.findall(text)) > 2 * len(_FOREIGN.findall(text))
    return _WORD.sub(lambda word: _unmasked(word[0], is_latin=is_latin), text)


def _unmasked(word: str, *, is_latin: bool) -> str:
    if not _FOREIGN.search(word) or not (is_latin or _LATIN.search(word)):
        return word
    plain = word.translate(LOOK_ALIKES)
    return plain if plain.isascii() else word


def unleeted(text: str) -> str:
    """Digits and signs inside words read as the letters they stand for: `1gn0r3`."""
    return _LEET_WORD.sub(lambda word: _spelled(word[0]), text)


def _spelled(word: str) -> str:
    """What has no letter is a number, and what has no such sign is a word already."""
    return word.translate(LEET) if _LATIN.search(word) and _LEET_SIGN.search(word) else word


def words_of(text: str) -> str:
    """
    Lower-case words between single spaces, a space at either end: what the patterns are written for.

    Umlauts are spelled out, accents and apostrophes dropped: `dont`, `ueber`, `precedentes`.
    """
    plain = text.lower().replace("'", "").replace("’", "")
    if not plain.isascii():
        plain = unicodedata.normalize("NFD", plain.translate(_UMLAUTS))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return f" {_SIGNS.sub(' ', plain).strip()} "
