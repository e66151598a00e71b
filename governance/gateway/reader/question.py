"""
What a question asks for: its content words, the type of answer it wants, and whether it wants a list.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from governance.gateway.reader.answer_types import ASKS, AUXILIARY, LOOKS
from governance.gateway.reader.words import STOP, WORD, stem, stems, words

MAX_LEFT_OUT = 8

_ASKING = (
    rf"(?:(?:if not |if so )?(?:{AUXILIARY} (?:i|we|you|it|they|the)|what|which|who|when|where|why|how|"
    r"by when|by how much|after how))"
)
_LIST = re.compile(
    r"\bwh(?:at|ich) (?:\w+ ){0,3}?(?:are|steps|types|kinds|\w+s (?:do|does|are|can|must|should|have|will))\b|"
    r"\b(?:list|steps|process|procedure)\b|\bhow (?:do|can|should|would|to)\b|\bwhat (?:do|should|must) (?:i|we|you)\b",
    re.IGNORECASE,
)
_SPLIT = re.compile(rf"[.?!;]\s+|,?\s+(?:and|or)\s+(?={_ASKING}\b)|,\s+(?={_ASKING}\b)", re.IGNORECASE)
_ASKS_ANEW = re.compile(rf"(?:and |or |but |so )?(?:{_ASKING}|{AUXILIARY})\b", re.IGNORECASE)
_COMPARES = re.compile(r"\b(?:differ\w*|compar\w*|versus|vs|than|both|each of|respectively|which of)\b", re.IGNORECASE)
_NAMED = re.compile(r"(?<![.?!]\s)(?<!^)\b[A-Z][\w&-]+|\b[A-Z]{2,}[\w&-]*|\b\w*\d\w*")


@dataclass(frozen=True)
class Question:
    text: str

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Stems of the content words, each once."""
        return tuple(dict.fromkeys(stems(self.text)))

    @cached_property
    def named(self) -> frozenset[str]:
        """Stems of what looks like a name or a number: rarely in a text by chance, missed when absent."""
        return frozenset(
            stem(word) for match in _NAMED.findall(self.text) for word in words(match) if word.lower() not in STOP
        )

    @cached_property
    def asks(self) -> str:
        """The type of answer asked for, a key of `LOOKS`; "" if it could be anything."""
        clause = self.parts[-1]
        for kind, pattern in ASKS.items():
            if pattern.search(clause):
                return kind
        return ""

    @cached_property
    def wants_list(self) -> bool:
        return bool(_LIST.search(self.text))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """What has to be answered one by one; the whole question if it asks one thing."""
        pieces = [piece.strip(" ?.!") for piece in _SPLIT.split(self.text)]
        return tuple(piece for piece in pieces if stems(piece)) or (self.text,)

    @cached_property
    def is_manifold(self) -> bool:
        """Whether it compares things or asks several at once, so that one sentence will rarely do."""
        asked = sum(bool(_ASKS_ANEW.match(part)) for part in self.parts)
        return asked > 1 or bool(_COMPARES.search(self.text))

    @cached_property
    def without_each(self) -> tuple[str, ...]:
        """The question with one of its (last) content words left out, once for each."""
        found = [word for word in WORD.finditer(self.text) if word.group().lower() not in STOP]
        return tuple(f"{self.text[: word.start()]}{self.text[word.end() :]}" for word in found[-MAX_LEFT_OUT:])

    def answered_by(self, text: str) -> bool | None:
        """Whether a text holds an answer of the type asked for; None if the question asks for no certain type."""
        return bool(LOOKS[self.asks].search(text)) if self.asks else None
