"""Why a passage was found, in its own words: where the words stand in it that a query looks for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import connection

from knowledge.search.terms import WORD, Terms

STEMS_OF_WORDS = """
SELECT word, array_agg(DISTINCT lexeme)
FROM unnest(%(words)s::text[]) AS word
CROSS JOIN unnest(%(languages)s::regconfig[]) AS language
CROSS JOIN LATERAL unnest(to_tsvector(language, word))
GROUP BY word
"""
Stems = Mapping[str, frozenset[str]]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: `is_match` for words that the query looks for, `is_best` in the sentence that meets it best."""

    text: str
    is_match: bool
    is_best: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """
    What a query looks for, as stems: `wanted` gives to each term's word the stem it is found by.

    `phrases` are those with synonyms, and the synonyms, as words. `stems` of all words of the query and the texts.
    """

    wanted: Mapping[str, str]
    phrases: tuple[tuple[str, ...], ...]
    stems: Stems

    @classmethod
    def of(cls, query: str, terms: Terms, texts: Iterable[str], languages: Sequence[str]) -> "Looked":
        single = [term.word for term in terms.terms if term.word not in terms.synonyms]
        groups = [(phrase, *others) for phrase, others in terms.synonyms.items()]
        phrases = tuple(words_of(phrase) for group in groups for phrase in group)
        words = {word for text in [query, *texts] for word in words_of(text)} | {w for p in phrases for w in p}
        wanted = {word: terms.mended.get(word, word) for word in single}
        return cls(wanted, phrases, stems_of(sorted(words), languages))

    def pieces(self, text: str, best: Span | None = None) -> tuple[Piece, ...]:
        """The text, cut where a word that is looked for, or its best sentence, begins or ends."""
        words = self.spans(text)
        edges = sorted({0, len(text), *(edge for span in words for edge in span), *(best or ())})
        starts = {place for begin, end in words for place in edges if begin <= place < end}
        first, last = best or (0, 0)
        return tuple(
            Piece(text[begin:end], is_match=begin in starts, is_best=first <= begin < last)
            for begin, end in pairwise(edges)
        )

    def spans(self, text: str) -> list[Span]:
        """In order, none within another."""
        places = [(found.span(), found.group().lower()) for found in WORD.finditer(text)]
        wanted = set(self.wanted.values())
        found = [span for span, word in places if wanted & self.stems.get(word, frozenset())]
        for phrase in self.phrases:
            for begin in range(len(places) - len(phrase) + 1):
                there = places[begin : begin + len(phrase)]
                if all(self.alike(word, meant) for (_, word), meant in zip(there, phrase, strict=True)):
                    found.append((there[0][0][0], there[-1][0][1]))
        return without_overlaps(found)

    def alike(self, word: str, other: str) -> bool:
        return word == other or bool(self.stems.get(word, frozenset()) & self.stems.get(other, frozenset()))

    def words_with(self, stem: str, text: str) -> list[str]:
        """The words of the text with this stem, as they are written there, each once."""
        written = (found.group() for found in WORD.finditer(text))
        return list(dict.fromkeys(word for word in written if stem in self.stems.get(word.lower(), frozenset())))


def words_of(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(text.lower()))


def stems_of(words: Sequence[str], languages: Sequence[str]) -> dict[str, frozenset[str]]:
    """The stems of each word, in all these languages; one query."""
    with connection.cursor() as cursor:
        cursor.execute(STEMS_OF_WORDS, {"words": list(words), "languages": list(languages)})
        return {word: frozenset(stems) for word, stems in cursor.fetchall()}


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Where two overlap, the one that begins first, and of those the longer."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
