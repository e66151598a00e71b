"""What a passage says, taken apart once, so that many sentences can be held against it."""

import re
from dataclasses import dataclass
from functools import cached_property

from askacme.lib.sentences import spans
from chat.proof import amounts, dates
from chat.proof.names import initials
from chat.proof.negation import Polarity, polarity
from chat.proof.wording import WORD, plain, stem, stems
from governance.gateway.types import Passage

CELLS = re.compile(r"\s*\|\s*")
PART_CHARS = 900
"""What any embedding model reads in one go."""

Part = tuple[str, tuple[tuple[int, int], ...]]
"""Neighbouring sentences as one text, and where each stands in it."""


@dataclass(frozen=True)
class Evidence:
    """
    One passage or several, with what they stand under.

    Everything is worked out when it is first asked for: a literal quote needs the plain text only.
    """

    passages: tuple[Passage, ...]

    @cached_property
    def text(self) -> str:
        """Plain, one sentence or cell after the other."""
        return " ".join(plain(passage.text) for passage in self.passages)

    @cached_property
    def folded(self) -> str:
        """With titles and headings, in lower case."""
        above = (f"{passage.title} {passage.heading}" for passage in self.passages)
        return f"{self.text} {plain(' '.join(above))}".lower()

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        texts = (passage.text for passage in self.passages)
        pieces = (plain(text[start:end]) for text in texts for start, end in spans(_unwrapped(text)))
        return tuple(piece for piece in pieces if piece)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All sentences, in pieces of at most `PART_CHARS` (a longer sentence is one of its own)."""
        parts: list[Part] = []
        for sentence in self.sentences:
            text, places = parts[-1] if parts else ("", ())
            if not parts or len(text) + len(sentence) >= PART_CHARS:
                parts.append((sentence, ((0, len(sentence)),)))
            else:
                start = len(text) + 1
                parts[-1] = (f"{text} {sentence}", (*places, (start, start + len(sentence))))
        return tuple(parts)

    @cached_property
    def rows(self) -> tuple[frozenset[str], ...]:
        """The cells of each line that has several."""
        lines = (line for passage in self.passages for line in passage.text.splitlines() if "|" in line)
        return tuple(frozenset(plain(cell).lower() for cell in CELLS.split(line)) for line in lines)

    @cached_property
    def amounts(self) -> list[amounts.Amount]:
        return amounts.amounts(self.folded)

    @cached_property
    def days(self) -> list[dates.Day]:
        return dates.days(self.text)

    @cached_property
    def clocks(self) -> list[dates.Clock]:
        return dates.clocks(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(stems(self.folded))

    @cached_property
    def named(self) -> frozenset[str]:
        """Stems of all words, and what they may be shortened to."""
        return frozenset(stem(word) for word in WORD.findall(self.folded)) | initials(self.folded)

    @cached_property
    def polarities(self) -> tuple[Polarity, ...]:
        return tuple(polarity(sentence) for sentence in self.sentences)


def _unwrapped(text: str) -> str:
    """Without the line breaks that a narrow page put into sentences. As long as before."""
    return re.sub(r"(?<=[\w,])\n(?=[a-z])", " ", text)
