"""Words that a line's end cut in two: "inter-" + "national" is one word, "long-" + "term" keeps its hyphen."""

import re
from collections.abc import Iterable

from knowledge.ingest.parse.pdf_lines import WRAPPED_HYPHEN

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CUT = re.compile(
    rf"(?<![^\W\d_])(?:([^\W\d_]*+){WRAPPED_HYPHEN}\s*([^\W_]*)|([^\W\d_]{{2,}}+)-[ \n](?=([a-z]{{2,}})))"
)
_JOINS_WITH_HYPHEN = frozenset(
    """
    all anti best co cost cross decision e early ex face fast first follow full government half hand high intra large
    long low macro micro mid multi near non one paid part peer post pre real second self semi short single small third
    three time top two ultra user well wide work year
    """.split()  # noqa: SIM905 - a list of sixty quoted words is harder to read
)
_SUSPENDED = frozenset({"and", "or", "to", "und", "oder", "bis", "et", "ou"})  # "short- and long-term"


class Dehyphenator:
    """Decides by the words of the whole document: a word seen elsewhere is how the author writes it."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words = {word.casefold() for text in texts for word in _WORD.findall(text)}

    def joined(self, text: str) -> str:
        return _CUT.sub(self._mend, text) if "-" in text or WRAPPED_HYPHEN in text else text

    def _mend(self, cut: re.Match[str]) -> str:
        if cut[3] is None:
            return cut[1] + ("-" if self._keeps_hyphen(cut[1], cut[2]) else "") + cut[2]
        if cut[4] in _SUSPENDED:
            return cut[0]
        return f"{cut[3]}-" if self._keeps_hyphen(cut[3], cut[4]) else cut[3]

    def _keeps_hyphen(self, left: str, right: str) -> bool:
        left, right = left.casefold(), right.casefold()
        if not left or not right.isalpha() or f"{left}-{right}" in self._words:
            return True
        if left + right in self._words:
            return False
        return left in _JOINS_WITH_HYPHEN or (left in self._words and right in self._words)
