"""
Patterns looked for in a text that comes in pieces: what is told does not depend on where the pieces end.

The `regex` package knows partial matches: from which place on a text may still become one. Whatever stands before that
place is told at once; a match is taken as soon as nothing that follows could change it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import regex

NEVER = "\x00"
"""Stands in no text that gets here. Behind a pattern it makes every match partial that ends where the text does."""
LIKE_DIGITS = "²³¹⁰⁴-⁹₀-₉①-⑨⓪"
"""Of a character class: digits that Unicode counts among neither letters nor digits."""
CONTEXT_CHARS = 64
"""How much of what was told stays at hand: for what looks behind, and for words that say what a number is."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """
    Alternatives by name; of those that begin at the same place the first that fits wins.

    `plain` matches, at the start of a word, words in which none of them can begin: most of any text.
    """

    found: "regex.Pattern[str]"
    viable: "regex.Pattern[str]"
    plain: re.Pattern[str]

    def viable_from(self, text: str, start: int) -> int:
        """Where the earliest match begins that more text could complete or change; the text's end if there is none."""
        match = self.viable.search(text, start, partial=True)
        return int(match.start()) if match else len(text)


@lru_cache(maxsize=64)
def patterns(alternatives: tuple[tuple[str, str], ...], first_words: str = "") -> Patterns:
    """`first_words`: an alternation of the words, in lower case, with which a match of several words may begin."""
    either = "|".join(f"(?P<{name}>{pattern})" for name, pattern in alternatives)
    barred = "|".join(filter(None, ["[A-Z]{1,3}", first_words and f"(?i:{first_words})"]))
    word = rf"(?:(?!(?:{barred})(?![^\W\d_]))[^\W\d_{LIKE_DIGITS}]+[,.;?]?[ \n])"
    return Patterns(
        regex.compile(either, regex.V0), regex.compile(f"(?:{either}){NEVER}", regex.V0), re.compile(f"{word}+")
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A match. `before` are up to 64 characters of the text in front of it, `last` the last one that was told."""

    name: str
    text: str
    before: str
    last: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Tell `text` in the place of the candidate's first `length` characters; `is_last`: nothing that follows either."""

    text: str
    length: int
    is_last: bool = False


Take = Callable[[Candidate], Taken]


@dataclass(slots=True)
class Scanner:
    """`take` says what becomes of each match; it may change `patterns` for what follows."""

    patterns: Patterns
    take: Take
    is_over: bool = False
    _text: str = ""
    _told: int = 0
    _last: str = ""
    _parts: list[str] = field(default_factory=list)

    @property
    def held(self) -> int:
        return len(self._text) - self._told

    def feed(self, piece: str) -> str:
        if self.is_over:
            return ""
        self._text += piece
        if not self._told or self._text[self._told - 1] in " \n":
            self._skip_plain_words()
            if self._is_in_a_word():
                return self._given()
        if self._told < len(self._text):
            self._advance(is_end=False)
        return self._given()

    def flush(self) -> str:
        """The rest: the text, or this part of it, is at its end."""
        if not self.is_over:
            self._advance(is_end=True)
        return self._given()

    def forget(self) -> None:
        """What is held comes to nothing."""
        self._text = self._text[: self._told]

    def _skip_plain_words(self) -> None:
        """At the start of a word; what is told ends at one, too."""
        plain = self.patterns.plain.match(self._text, self._told)
        if plain:
            self._tell(plain[0], plain.end())

    def _is_in_a_word(self) -> bool:
        """Whether a word has just begun: most patterns could begin in it, so it is held without a closer look."""
        begun = self._text[self._told :]
        return len(begun) < CONTEXT_CHARS // 4 and begun.isalpha()

    def _advance(self, *, is_end: bool) -> None:
        while not self.is_over:
            text, start = self._text, self._told
            safe = len(text) if is_end else self.patterns.viable_from(text, start)
            match = self.patterns.found.search(text, start)
            if match is None or (match.start() >= safe and not is_end):
                self._tell(text[start:safe], safe)
                return
            self._take(match)

    def _take(self, match: "regex.Match[str]") -> None:
        text, start = self._text, match.start()
        self._tell(text[self._told : start], start)
        before = text[max(0, start - CONTEXT_CHARS) : start]
        taken = self.take(Candidate(match.lastgroup or "", match[0], before, self._last))
        self.is_over = taken.is_last
        self._tell(taken.text, start + max(1, taken.length))

    def _tell(self, text: str, upto: int) -> None:
        self._parts.append(text)
        self._last = text[-1:] or self._last
        self._told = upto

    def _given(self) -> str:
        given, self._parts = "".join(self._parts), []
        if self._told > 4 * CONTEXT_CHARS:
            cut = self._told - CONTEXT_CHARS
            self._text, self._told = self._text[cut:], CONTEXT_CHARS
        return given
