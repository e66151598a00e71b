"""Names in a sentence: capitalised words, acronyms, codes and addresses, which a model may have made up."""

import re
from collections.abc import Iterator

from chat.proof.wording import WORD, stem, words_of

_TOKEN = re.compile(r"[^\s()\[\]{}\"“”,;:!?|/]+")
_ADDRESS = re.compile(r"\S@\S|://|^www\.|^#\w|\.(?:com|org|gov|net|de|eu|io)\b", re.IGNORECASE)
_CODE = re.compile(r"(?=[\w&.-]*[A-Za-z])(?=[\w&.-]*\d)[\w&.-]+\Z")
_ACRONYM = re.compile(r"(?=(?:.*[A-Z]){2})[\w&.-]+\Z")
_OPENS = re.compile(r"(?:^|[.!?:;|/(\"“•–—]\s*)\Z")
_NO_NAMES = words_of(
    "i i'm i'd i'll i've yes no january february march april may june july august september october november",
    "december according based per source note usd eur gbp chf jpy",
)
_INITIALS_SKIP = words_of(
    "a an and for in of on or the to",
)
_GERMAN = words_of(
    "der die das den dem des ein eine einen und oder nicht ist sind für von mit zu im am auf",
)


def names_in(sentence: str) -> Iterator[str]:
    """In order. The first word of a sentence only when its letters show that it is a name."""
    capitals_tell = not capitalises_nouns(sentence)
    for match in _TOKEN.finditer(sentence):
        token = match[0].strip(".'’*_-–—")
        if token.lower() in _NO_NAMES or not token:
            continue
        opens = _OPENS.search(sentence[: match.start()]) is not None
        looks_it = _ADDRESS.search(token) or _CODE.match(token) or _ACRONYM.match(token)
        if looks_it or (capitals_tell and not opens and token[0].isupper()):
            yield token


def capitalises_nouns(text: str) -> bool:
    """As German does: there a capital tells nothing."""
    return sum(word.lower() in _GERMAN for word in WORD.findall(text)) >= 2


def is_named(name: str, words: str, stems: frozenset[str]) -> bool:
    """
    Whether a text names it too.

    `words` is the text in lower case, `stems` those of all its words and the initials of neighbours, see `initials`.
    """
    folded = name.lower()
    if folded in words:
        return True
    if _ADDRESS.search(name) or _CODE.match(name):
        return False
    return all(stem(part) in stems for part in WORD.findall(folded))


def initials(text: str) -> frozenset[str]:
    """What neighbouring words may be shortened to: "family and medical leave act" gives "fmla" and the like."""
    words = [word.lower() for word in WORD.findall(text)]
    letters = "".join(word[0] for word in words if word not in _INITIALS_SKIP)
    return frozenset(letters[n : n + length] for length in range(2, 7) for n in range(len(letters) - length + 1))
