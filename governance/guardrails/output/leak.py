"""
The system prompt in an answer: eight of its words in a row, or a sentence that says the same in nearly the same words.

Its words are also known backwards and in rot13, spelled out letter by letter, and in base64. From the fourth word of a
row on they are held back until it is clear whether eight come together, so at most three of them are ever told.
"""

import base64
import codecs
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from governance.guardrails.output.findings import Findings
from governance.guardrails.output.sources import Sources
from governance.guardrails.values import Action

RUN_WORDS = 8
TOLD_WORDS = 3
SPELLED_LETTERS = 16
SPELLED_BEFORE = 5
ENCODED_CHARS = 20
MOST_WORD_CHARS = 64
SAME = 0.6
"""Words that a sentence shares with one of the prompt, of all that either has (Jaccard)."""
LEAST_SHARED = 6
MOST_KEPT = 2000
"""Characters of what was told, before it is forgotten but for the last words."""
REMOVED = "(text removed)"

WORD = re.compile(rf"[^\W_]{{1,{MOST_WORD_CHARS}}}")
SENTENCE_END = re.compile(r"[.!?:;\n]")
LETTERS = 4
"""A word with fewer says little of what a sentence is about."""


@dataclass(frozen=True, slots=True)
class Known:
    """A system prompt, made ready: `words` holds its readings one behind the other, None between them."""

    words: tuple[str | None, ...]
    places: dict[str, tuple[int, ...]]
    spelled: frozenset[str]
    encoded: frozenset[str]
    sentences: tuple[frozenset[str], ...]


@lru_cache(maxsize=16)
def known(prompt: str) -> Known:
    folded = prompt.casefold()
    readings = [folded, folded[::-1], codecs.encode(folded, "rot13")]
    words = [word for reading in readings for word in [*WORD.findall(reading), None]]
    places = defaultdict(list)
    for place, word in enumerate(words):
        if word:
            places[word].append(place)
    spelled = ("".join(WORD.findall(reading)) for reading in readings)
    aligned = (base64.b64encode(prompt.encode()[shift:]).decode().casefold() for shift in range(3))
    sentences = (about(WORD.findall(part)) for part in SENTENCE_END.split(folded))
    return Known(
        tuple(words),
        {word: tuple(at) for word, at in places.items()},
        frozenset(window for text in spelled for window in windows(text, SPELLED_LETTERS)),
        frozenset(window for text in aligned for window in windows("".join(WORD.findall(text)), ENCODED_CHARS)),
        tuple(words for words in sentences if len(words) >= LEAST_SHARED),
    )


def windows(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(len(text) - size + 1))


def about(words: list[str]) -> frozenset[str]:
    return frozenset(word for word in words if len(word) >= LETTERS)


class Leak:
    """Told word by word. What also stands in the asker's sources is theirs."""

    def __init__(self, prompt: str, sources: Sources, findings: Findings) -> None:
        self._known = known(prompt)
        self._sources = sources
        self._findings = findings
        self._text = ""
        self._seen = 0
        self._told = 0
        self._runs: dict[int, int] = {}
        self._recent: deque[tuple[str, int]] = deque(maxlen=SPELLED_LETTERS + RUN_WORDS)
        self._spelled = ""
        self._sentence: list[str] = []
        self.is_over = False

    @property
    def held(self) -> int:
        return len(self._text) - self._told

    def feed(self, piece: str) -> str:
        return "" if self.is_over else self._advance(piece, is_end=False)

    def flush(self) -> str:
        return "" if self.is_over else self._advance("", is_end=True)

    def forget(self) -> None:
        self._text = self._text[: self._told]
        self._seen = self._told

    def _advance(self, piece: str, *, is_end: bool) -> str:
        self._text += piece
        parts: list[str] = []
        while not self.is_over and (match := WORD.search(self._text, self._seen)):
            self._tell_gap(match.start(), parts)
            if match.end() == len(self._text) and not is_end and len(match[0]) < MOST_WORD_CHARS:
                break
            self._end_sentence(match.start(), parts)
            self._word(match, parts)
        else:
            self._tell_gap(len(self._text), parts)
        if is_end and not self.is_over:
            self._tell(len(self._text), parts)
            self._seen = len(self._text)
            self._judge_sentence(parts)
        self._cut()
        return "".join(parts)

    def _tell_gap(self, upto: int, parts: list[str]) -> None:
        """What stands between two words, unless it waits for those behind it."""
        if self._told >= self._seen and not self.is_over:
            self._tell(upto, parts)

    def _end_sentence(self, start: int, parts: list[str]) -> None:
        if SENTENCE_END.search(self._text, self._seen, start):
            self._judge_sentence(parts)

    def _judge_sentence(self, parts: list[str]) -> None:
        words, self._sentence = about(self._sentence), []
        is_said = any(is_same(words, other) for other in self._known.sentences)
        if is_said and not all(map(self._sources.hold, words)):
            self._found("paraphrase", self._told, parts)

    def _word(self, match: re.Match[str], parts: list[str]) -> None:
        if self.is_over:
            return
        word = match[0].casefold()
        self._seen = match.end()
        self._recent.append((word, match.start()))
        self._sentence.append(word)
        self._runs = {place: self._runs.get(place - 1, 0) + 1 for place in self._known.places.get(word, ())}
        self._spelled = (self._spelled + word)[-SPELLED_LETTERS:] if len(word) == 1 else ""
        run = max(self._runs.values(), default=0)
        what = self._leaked(word, run)
        if what:
            self._found(what, match.end(), parts, is_more=run > RUN_WORDS)
        else:
            self._tell(self._safe(run), parts)

    def _leaked(self, word: str, run: int) -> str:
        if run >= RUN_WORDS and not self._sources.say(" ".join(word for word, _ in [*self._recent][-RUN_WORDS:])):
            return "verbatim"
        if self._spelled in self._known.spelled:
            return "spelled"
        is_long = len(word) >= ENCODED_CHARS
        is_encoded = is_long and any(part in self._known.encoded for part in windows(word, ENCODED_CHARS))
        return "encoded" if is_encoded else ""

    def _safe(self, run: int) -> int:
        """From where on the text is held back."""
        recent, places = [*self._recent], [self._seen]
        if TOLD_WORDS < run < RUN_WORDS:
            places.append(recent[-run + TOLD_WORDS][1])
        if len(self._spelled) > SPELLED_BEFORE:
            places.append(recent[SPELLED_BEFORE - len(self._spelled)][1])
        return min(places)

    def _found(self, what: str, end: int, parts: list[str], *, is_more: bool = False) -> None:
        action = self._findings.act("prompt", what)
        if action is Action.BLOCK:
            self.is_over = True
        elif action is Action.MASK:
            parts += [] if is_more or what == "paraphrase" else [REMOVED]
            self._told = max(self._told, end)
        else:
            self._tell(end, parts)

    def _tell(self, upto: int, parts: list[str]) -> None:
        if upto > self._told:
            parts.append(self._text[self._told : upto])
            self._told = upto

    def _cut(self) -> None:
        """Forget what is told, but for the words at hand."""
        if min(self._told, self._seen) < MOST_KEPT:
            return
        done = min([self._told, self._seen, *(start for _, start in self._recent)])
        if done:
            self._text = self._text[done:]
            self._told, self._seen = self._told - done, self._seen - done
            self._recent = deque(((word, start - done) for word, start in self._recent), self._recent.maxlen)


def is_same(words: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(words & other)
    return shared >= LEAST_SHARED and shared >= SAME * len(words | other)
