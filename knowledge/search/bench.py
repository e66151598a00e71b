"""
What the search bench shows: a search with its reasons, for the eyes of one person at the console.

Whoever looks as somebody else learns which documents are found, and nothing of what those say that they may not read.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import partial

from governance.access.audience import Audience
from knowledge.documents.models import Document
from knowledge.index.indexes import live_index
from knowledge.index.models import SearchIndex
from knowledge.search.marking import Looked, Piece, words_of
from knowledge.search.search import Hit, Result, find
from knowledge.search.terms import Terms

TOP = 10
LIKELY, POSSIBLE = 0.7, 0.4
PARTS = {
    "terms": "Words and synonyms",
    "embedding": "Meaning",
    "reach": "Audience",
    "candidates": "Passages",
    "ranking": "Ranking",
}
MOST_FORMS = 3
"""Spellings of one word that are shown."""


@dataclass(frozen=True, slots=True)
class Passage:
    """
    One hit. What it says, where it stands and which words it holds is empty unless `is_readable` for the reader.

    `matched` are the words it was found by, as they are written in it; `rank_beside` its rank in the other index.
    """

    hit: Hit
    is_readable: bool
    heading: tuple[Piece, ...] = ()
    text: tuple[Piece, ...] = ()
    matched: tuple[str, ...] = ()
    rank_beside: int | None = None

    @property
    def meaning(self) -> float:
        return max(0.0, min(1.0, self.hit.similarity))


@dataclass(frozen=True, slots=True)
class Look:
    """
    A search as the reader may see it.

    `mended` are typing errors and what they were taken for, in words that stand in passages the reader may see; `took`
    is the time of each part in milliseconds.
    """

    index: SearchIndex
    passages: tuple[Passage, ...]
    relevance: float
    mended: tuple[tuple[str, str], ...]
    synonyms: tuple[tuple[str, str], ...]
    took: tuple[tuple[str, float], ...]

    @property
    def withheld(self) -> int:
        return sum(not passage.is_readable for passage in self.passages)

    @property
    def took_ms(self) -> float:
        return sum(taken_ms for _, taken_ms in self.took)

    @property
    def verdict(self) -> str:
        if not self.passages:
            return "Nothing was found."
        if self.relevance >= LIKELY:
            return "The answer is probably in these passages."
        return "The answer may be in these passages." if self.relevance >= POSSIBLE else "Probably no answer in these."


def look(query: str, *, audience: Audience, reader: Audience, index: SearchIndex | None = None) -> Look:
    """Search as `audience` does, shown as far as `reader` may read. Raises ModelUnavailable."""
    index = index or live_index()
    result = find(query, audience=audience, top=TOP, index=index)
    readable = readable_documents(result.hits, reader)
    shown = [hit for hit in result.hits if hit.document_id in readable]
    texts = [text for hit in shown for text in (hit.text, hit.heading, hit.document)]
    looked = Looked.of(query, result.terms, texts, index.languages or ["english"])
    return Look(
        index=index,
        passages=tuple(passage(hit, result.terms, looked, readable) for hit in result.hits),
        relevance=result.relevance,
        mended=mended_words(query, shown, result, looked),
        synonyms=tuple((phrase, ", ".join(others)) for phrase, others in result.terms.synonyms.items()),
        took=tuple((PARTS.get(part, part), taken_ms) for part, taken_ms in result.took_ms.items()),
    )


def readable_documents(hits: Sequence[Hit], reader: Audience) -> frozenset[int]:
    found = {hit.document_id for hit in hits}
    return frozenset(Document.objects.visible_to(reader).filter(pk__in=found).values_list("pk", flat=True))


def passage(hit: Hit, terms: Terms, looked: Looked, readable: Collection[int]) -> Passage:
    if hit.document_id not in readable:
        return Passage(hit, is_readable=False)
    return Passage(
        hit,
        is_readable=True,
        heading=looked.pieces(hit.heading),
        text=looked.pieces(hit.text, best=hit.sentence),
        matched=tuple(as_written(word, hit, terms, looked) for word in hit.matched),
    )


def as_written(word: str, hit: Hit, terms: Terms, looked: Looked) -> str:
    """A term that the passage was found by, in the passage's own spelling."""
    if word in terms.synonyms:
        return word
    forms = forms_in(hit, looked.wanted.get(word, word), looked)
    return " / ".join(forms[:MOST_FORMS]) or word


def forms_in(hit: Hit, stem: str, looked: Looked) -> list[str]:
    forms = [form for text in (hit.text, hit.heading, hit.document) for form in looked.words_with(stem, text)]
    return list({form.lower(): form.lower() for form in forms})


def mended_words(query: str, shown: Iterable[Hit], result: Result, looked: Looked) -> tuple[tuple[str, str], ...]:
    """Only what was found by: a word that no passage shown here holds may come from a document of others."""
    said: dict[str, str] = {}
    for hit in shown:
        for asked in hit.matched:
            meant = result.terms.mended.get(asked)
            typed = next((word for word in words_of(query) if asked in looked.stems.get(word, ())), "")
            forms = forms_in(hit, meant, looked) if meant else []
            if typed and forms:
                said.setdefault(typed, max(forms, key=partial(likeness, typed)))
    return tuple(said.items())


def likeness(typed: str, form: str) -> float:
    return SequenceMatcher(None, typed, form).ratio()


def beside(look: Look, other: Look) -> Look:
    """The same look; each of its passages with the rank that it has in the other index."""
    passages = []
    for one in look.passages:
        same = next((two.hit.rank for two in other.passages if overlap(one.hit, two.hit)), None)
        passages.append(replace(one, rank_beside=same))
    return replace(look, passages=tuple(passages))


def overlap(one: Hit, other: Hit) -> bool:
    return one.version_id == other.version_id and one.start < other.end and other.start < one.end
