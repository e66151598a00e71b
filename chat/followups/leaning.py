"""Whether a question leans on those before it: by its words alone, in microseconds."""

import re
from enum import Enum

from chat.conversations.reask import COMPLAINT
from chat.followups.language import language_of
from chat.followups.signs import Language
from governance.gateway.reader.words import stem, words

SHORT_SUPPOSITION = 2
"""Words of its own: "What if my meetings run over 40 minutes?" says of what it speaks no more than that."""
COURTESY = re.compile(
    r"(?:(?:ok(?:ay)?|thanks?|thank you|thx|cheers|great|perfect|cool|nice|got it|understood|hi|hello|hey|bye|very much"
    r"|good (?:morning|day|evening)|so much|a lot|that's all|for your help|vielen dank|danke(?:schön)?|super|prima"
    r"|hallo|alles klar|tschüss|guten (?:morgen|tag))\b[\s,.!]*)+",
    re.IGNORECASE,
)
"""Asks nothing: there is nothing to put in."""
POSSESSIVE = re.compile(r"'s\b")
FIRST_SENTENCE = re.compile(r".*?[.?!](?=\s)")


class Leaning(Enum):
    """`MAYBE`: it goes on, but names something of its own; it leans if it is about the same matter."""

    NO = 0
    MAYBE = 1
    YES = 2


def leaning_of(question: str) -> Leaning:
    """
    Pronouns without a noun, "and for part-timers?", "what about …", "how long?", "the second one"; in English and
    German.

    Errs on the side of leaning: a question taken for one that stands alone finds nothing.
    """
    text = " ".join(question.replace("’", "'").split())
    language = language_of(text)
    if COURTESY.fullmatch(text):
        return Leaning.NO
    if is_complaint(text) or language.bare.fullmatch(text) or points_back(text, language):
        return Leaning.YES
    begin = language.goes_on.match(text)
    rest = text[begin.end() :] if begin else text
    if is_fragment(rest, language, goes_on=begin is not None):
        return Leaning.YES
    own = own_words(text, language)
    if not own:
        return Leaning.YES
    supposes = language.supposes.match(text) or language.supposes.match(rest)
    if supposes and len(own) <= SHORT_SUPPOSITION:
        return Leaning.YES
    return Leaning.MAYBE if begin or supposes else Leaning.NO


def is_complaint(question: str) -> bool:
    """Asks nothing of its own: "That's wrong, try again"."""
    rest, found = COMPLAINT.subn(" ", question.replace("’", "'"))
    return found > 0 and not own_words(rest, language_of(question))


def points_back(text: str, language: Language) -> bool:
    text = language.says_nothing.sub(" ", text)
    first = FIRST_SENTENCE.match(text)
    if language.points_back.search(first[0] if first and own_words(first[0], language) else text):
        return True
    return any(not has_noun(text[: found.start()], language) for found in language.pronoun.finditer(text)) or any(
        not language.noun.search(text[: found.start()]) for found in language.possessive.finditer(text)
    )


def has_noun(before: str, language: Language) -> bool:
    """Whether what stands before a pronoun holds a clause with a noun that it may stand for."""
    ends = [found.start() for found in language.boundary.finditer(before)]
    return bool(ends) and language.noun.search(before[: ends[-1]]) is not None


def is_fragment(text: str, language: Language, *, goes_on: bool) -> bool:
    """Without a verb: "for part-timers?"; a noun alone is one only behind "and": people also type keywords."""
    if language.verb.search(text):
        return False
    return goes_on or language.preposition.match(text) is not None or re.fullmatch(r"\w+\s*\?", text) is not None


def own_words(text: str, language: Language) -> list[str]:
    """What it is about, if it says so: neither a word of every sentence nor one of every handbook's rules."""
    return [
        word
        for word in words(POSSESSIVE.sub("", text))
        if word.lower() not in language.little and stem(word) not in language.generic and not word.isdigit()
    ]
