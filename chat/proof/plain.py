"""Sentences that have nothing to prove: they say nothing about the documents."""

import re

from chat.proof.facts import has_facts
from chat.proof.wording import STOP, WORD, plain, words_of

_CONNECTIVES = STOP | words_of(
    "yes no sure ok okay hello hi thanks thank welcome sorry short summary additionally also however",
    "unfortunately great note overall conclusion further more furthermore moreover therefore thus hence answer",
    "briefly important first second third finally next details good question happy help hope ja nein danke",
)
_OF_ITSELF = re.compile(r"(?:i|i'm|i've|i'll|i'd|let me|please let me|feel free|hope this|ich)\b", re.IGNORECASE)
_HEADING = re.compile(
    r"\s*(?:[-*+•]\s+|\d{1,2}[.)]\s+)?(?:#{1,6}\s|\*\*[^*\d]{1,80}\*\*:?\s*\Z|__[^_\d]{1,80}__:?\s*\Z)"
)


def says_nothing(sentence: str) -> bool:
    """No words, or none but "Yes.", "In short:" and the like: also when it cites a passage."""
    words = plain(sentence)
    return not any(char.isalpha() for char in words) or all(
        word.lower() in _CONNECTIVES for word in WORD.findall(words)
    )


def has_nothing_to_prove(sentence: str, *, cites: bool = False) -> bool:
    """
    A heading, a lead-in that ends in a colon, a question back, "Yes.", a word about itself.

    `sentence` is as it stands in the answer. What cites a passage is held against it, unless it says nothing, or only
    leads on without a number or a name.
    """
    words = plain(sentence)
    if says_nothing(sentence):
        return True
    if _HEADING.match(sentence) or words.endswith((":", "?", "：", "？")):
        return not (cites and has_facts(words[1:]))
    if cites:
        return False
    if sentence.lstrip().startswith("|"):  # the head of a table
        return not any(char.isdigit() for char in words)
    return _OF_ITSELF.match(words) is not None and not has_facts(words[1:])
