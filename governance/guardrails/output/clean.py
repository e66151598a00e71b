"""Characters that nobody sees, and others that only look like letters: gone before anything is looked for."""

import re

DROPPED = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad"
    "\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff"
    "\ud800-\udfff\ue000-\uf8ff"
    "\U000e0000-\U0010ffff"
    "]+"
)
"""Control, format, private and unassigned characters, and the variation selectors that hide bytes behind a letter."""
JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: parts of emoji and of several scripts, never of what stands beside ASCII."""
CHOOSING = "\ufe00-\ufe0f"
"""Choose between the looks of an emoji or a letter, and do nothing to what is ASCII."""
JOINED = re.compile(
    f"(?<=[\x00-\x7f])[{JOINERS}{CHOOSING}]+|(?<=\\d)[\u0300-\u036f]+"
    f"|(?<=[^\x00-\x7f])([{JOINERS}])[{JOINERS}]*(?=[^\x00-\x7f])|[{JOINERS}]+"
)

SMALL, CAPITAL, DIGITS = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
PLAIN_FORMS = (
    {0xFF21 + n: char for n, char in enumerate(CAPITAL)}
    | {0xFF41 + n: char for n, char in enumerate(SMALL)}
    | {0xFF10 + n: char for n, char in enumerate(DIGITS)}
    | {0x1D400 + n: char for n, char in enumerate((CAPITAL + SMALL) * 13)}
    | {0x1D7CE + n: char for n, char in enumerate(DIGITS * 5)}
    | {0x24B6 + n: char for n, char in enumerate(CAPITAL + SMALL)}
    | {0x1F130 + n: char for n, char in enumerate(CAPITAL)}
    | {0xFF20: "@", 0x00A0: " ", 0x202F: " ", 0x2028: "\n", 0x2029: "\n"}
)
"""Full-width, mathematical, circled and boxed letters and digits, as the plain ones that they are read as."""


class Cleaner:
    """Holds back joiners until the character behind them is there, and nothing else."""

    def __init__(self) -> None:
        self._last = ""
        self._joiners = ""

    @property
    def held(self) -> int:
        return len(self._joiners)

    def feed(self, piece: str) -> str:
        if not piece:
            return ""
        text = DROPPED.sub("", piece)
        if not text.isascii() or self._joiners:
            text = self._with_joiners(self._joiners + text.translate(PLAIN_FORMS))
        self._last = text[-1:] or self._last
        return text

    def flush(self) -> str:
        """A joiner at the end joins nothing."""
        self._joiners = ""
        return ""

    def forget(self) -> None:
        self._joiners = ""

    def _with_joiners(self, text: str) -> str:
        inside = text.rstrip(JOINERS)
        self._joiners = text[len(inside) :][:1]
        return JOINED.sub(r"\1", self._last + inside)[len(self._last) :]
