"""A sentence and a passage in the same plain form, so that words can be compared with words."""

import re
from functools import lru_cache

from chat.pipeline.cite import MARK


def words_of(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


STOP = words_of(
    "a about after all also am an and any are as at be because been before being but by can could did do does",
    "each for from get gets had has have he her here his how i if in into is it its may me might must my of on",
    "once one or our per please shall she should so some such than that the their them then there these they this",
    "those through to too under until up upon us was we were what when where which while who whom whose will with",
    "would you your yours",
)
"""Words that every text has."""

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_LINK = re.compile(r"!?\[([^\]]{0,300})\]\([^)\s]*(?:\s[^)]*)?\)|<[^>\n]{1,200}>")
_LIST_SIGN = re.compile(r"^[ \t]*(?:>[ \t]*)*(?:[-*+•▪◦●–][ \t]+|\(?\d{1,2}[.)][ \t]+|#{1,6}[ \t]+)?", re.MULTILINE)
_MARKUP = re.compile(r"[*_`~\\]+")
_QUOTES = str.maketrans("’‘“”„«»‑\u00a0\u202f", '\'\'"""""-  ')
_SUFFIXES = sorted(
    words_of("ation ement ment ingly ing edly ible able ity ion ie ied er or ed al ly y e"),
    key=lambda suffix: (-len(suffix), suffix),
)


def plain(text: str) -> str:
    """The words without marks, Markdown, list signs and curly quotes; single spaces."""
    bare = _LINK.sub(lambda link: link[1] or " ", MARK.sub(" ", text))
    return " ".join(_MARKUP.sub("", _LIST_SIGN.sub("", bare.translate(_QUOTES))).split())


def stems(text: str) -> list[str]:
    """Of the content words, in order."""
    return [stem(word) for word in WORD.findall(text) if word.lower() not in STOP]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A crude one, good enough to match `approve`, `approved` and `approval`."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        word = word[:-1]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word
