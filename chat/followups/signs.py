"""What tells, in one language, that a question leans on the ones before."""

import re
from dataclasses import dataclass

from governance.gateway.reader.words import stem

Pattern = re.Pattern[str]


@dataclass(frozen=True)
class Language:
    """
    Patterns of what leans, and words that say little. Those of the beginning are matched at the beginning.

    `goes_on` and `about` are what a question begins with that goes on; what follows them is new. `supposes` goes on,
    too, but is part of the question. `bare` is a whole question: "how long?". `preposition` may begin one without a
    verb, and `verb` tells that it has one. `says_nothing` is removed before looking for what points back.
    `noun`, `boundary`: a `pronoun` behind a noun and the end of its clause stands for that noun, a `possessive` behind
    any noun. `little` are words that every sentence has; `generic` stems that any rule of any handbook may speak of.
    """

    goes_on: Pattern
    about: Pattern
    supposes: Pattern
    bare: Pattern
    preposition: Pattern
    verb: Pattern
    says_nothing: Pattern
    points_back: Pattern
    pronoun: Pattern
    possessive: Pattern
    noun: Pattern
    boundary: Pattern
    little: frozenset[str]
    generic: frozenset[str]


def pattern(text: str) -> Pattern:
    return re.compile(text, re.IGNORECASE)


def words_of(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


def stems_of(*lines: str) -> frozenset[str]:
    return frozenset(map(stem, words_of(*lines)))
