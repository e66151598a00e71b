"""
Search: the passages that answer a question best, among those that the asker may see.

terms → reach → candidates → rescored → (reranked) → without duplicates → joined
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from governance.access.audience import Audience
from governance.gateway.embeddings import embedder
from governance.gateway.faults import ProviderFailed
from governance.gateway.rerank import reranker
from governance.gateway.types import Vectors
from knowledge.documents.standing import warning_of
from knowledge.index.indexes import live_index
from knowledge.index.models import SearchIndex
from knowledge.search.candidates import Candidate, candidates
from knowledge.search.join import Passage, join_neighbours
from knowledge.search.reach import way_for
from knowledge.search.relevance import relevance
from knowledge.search.rescore import QuestionWords, Rescored, rescore, sentence_at, spread
from knowledge.search.terms import WORD, Terms, terms_of

logger = logging.getLogger(__name__)

OUT_OF_FORCE = 0.8
"""What the score of a passage is multiplied by when its document does not apply today."""
SAME = 0.97
"""Cosine from which two passages that share nearly all words say the same."""
SAME_WORDS = 0.8
"""Share of all words of two passages that both hold, from which they count as the same."""

BY_LETTERS = 0.9
"""How well a mended word of the question is met by a passage that holds it."""

RERANKED = 30
"""Candidates that a cross-encoder judges, if there is one: it reads each together with the question."""

LOOKED_AT = 3
"""Candidates for each passage that is wanted: some say the same, some are joined."""


@dataclass(frozen=True, slots=True)
class Hit:
    """
    One found passage. `rank` counts from 1; `score` lies in 0..1 and is comparable within one search only.

    `similarity` is the cosine of question and passage; `word_score` is the share of the question's words, weighted by
    rarity, that the passage holds, `matched` are those words. `version.text[start:end]` is the text, unless a person
    corrected it; `text[slice(*sentence)]` is the sentence that meets the question best. `owner` is whom to ask about
    the document, as words, or empty; `warning` why to be careful with it.
    """

    rank: int
    score: float
    similarity: float
    word_score: float
    matched: tuple[str, ...]
    heading: str
    text: str
    is_corrected: bool
    start: int
    end: int
    page: int | None
    sentence: tuple[int, int] | None
    version_id: int
    version: int
    document_id: int
    document: str
    path: str
    owner: str
    warning: str


@dataclass(frozen=True, slots=True)
class Result:
    """
    What a search found, and how.

    `relevance` is the calibrated probability, 0 to 1, that the hits answer the question; `took_ms` the time of each
    part, in milliseconds.
    """

    hits: tuple[Hit, ...]
    relevance: float
    terms: Terms
    took_ms: Mapping[str, float]


NOTHING = Result((), 0.0, Terms("", (), {}, {}), {})


class Stopwatch:
    """Milliseconds between laps, by name."""

    def __init__(self) -> None:
        self.laps_ms: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps_ms[name] = (now - self._last) * 1000
        self._last = now


def search(query: str, *, audience: Audience, top: int = 10, index: SearchIndex | None = None) -> list[Hit]:
    """The `top` best passages for the query, best first; empty for an empty query."""
    return list(find(query, audience=audience, top=top, index=index).hits)


def find(query: str, *, audience: Audience, top: int = 10, index: SearchIndex | None = None) -> Result:
    """
    What `search` gives, and how it came about. `index` is the live one unless another is named.

    Raises ModelUnavailable. When it is a remote model's server that failed, the live index is searched by words alone;
    an index that was named has to answer for itself.
    """
    query = " ".join(query.replace("\x00", " ").split())
    if not query:
        return NOTHING
    embed = embedded if index else embedded_or_nothing
    index = index or live_index()
    watch = Stopwatch()
    terms = terms_of(query, index)
    watch.lap("terms")
    vector, words = embed(terms, index)
    watch.lap("embedding")
    way = way_for(audience, index)
    watch.lap("reach")
    found = candidates(vector, terms.terms, audience=audience, way=way, index=index)
    watch.lap("candidates")
    shares = shares_of(terms, found)
    rescored = rescore(
        QuestionWords(words, np.array(terms.rarities, dtype=np.float32)),
        similarities=[candidate.similarity for candidate in found],
        words=[candidate.words for candidate in found],
        shares=shares,
    )
    ranked = reranked(terms.text, ranking(found, rescored, shares))
    hits = hits_of(without_duplicates(ranked[: LOOKED_AT * top]), terms, audience, top)
    watch.lap("ranking")
    judged = replace(rescored, closeness=met_by_letters(rescored, terms, found))
    return Result(tuple(hits), round(relevance(judged), 4), terms, watch.laps_ms)


def embedded(terms: Terms, index: SearchIndex) -> tuple[Vectors, Vectors]:
    """The question's vector, and those of its words: zeros from a model that has none. Raises ModelUnavailable."""
    return embedder(index.model).embed_query_with_windows(terms.text, terms.words)


def embedded_or_nothing(terms: Terms, index: SearchIndex) -> tuple[Vectors, Vectors]:
    """The same; all zeros, by which nothing is found or ranked, when the model's server fails."""
    try:
        return embedded(terms, index)
    except ProviderFailed as failure:
        logger.warning("Searched by words only: %s", failure)
        nothing = np.zeros((len(terms.words), index.dimension), dtype=np.float32)
        return np.zeros(index.dimension, dtype=np.float32), nothing


def met_by_letters(rescored: Rescored, terms: Terms, found: Sequence[Candidate]) -> NDArray[np.float32]:
    """
    How close each word of the question comes to its like, a misspelt one by what it was taken for.

    For the relevance only: the vector of "parentel" is near to little, but its pieces still help to find.
    """
    closeness = rescored.closeness.copy()
    places = {term.word: place for place, term in enumerate(terms.terms)}
    for number, stem in enumerate(terms.stems):
        if stem in terms.mended and stem in places:
            holds = [candidate.word_ranks[places[stem]] > 0 for candidate in found]
            closeness[holds, number] = np.maximum(closeness[holds, number], BY_LETTERS)
    return closeness


def shares_of(terms: Terms, found: Sequence[Candidate]) -> list[float]:
    """Of each candidate the share of the question's terms, by rarity, that stand in it."""
    total = sum(term.rarity for term in terms.terms) or 1.0
    return [
        sum(term.rarity for term, rank in zip(terms.terms, candidate.word_ranks, strict=True) if rank) / total
        for candidate in found
    ]


@dataclass(frozen=True, slots=True)
class Ranked:
    """
    A candidate in its place. `share` is how much of the question's words, by rarity, it holds; `anchor` the word of it
    that meets the question best, as a row of its word vectors.
    """

    candidate: Candidate
    score: float
    share: float
    anchor: int


def ranking(found: Sequence[Candidate], rescored: Rescored, shares: Sequence[float]) -> list[Ranked]:
    """Best first, ties in a fixed order; what does not apply today a little further down."""
    today = timezone.localdate()
    sources = {candidate.source for candidate in found}
    holds = {source: source.always_holds or source.document.is_in_force(today) for source in sources}
    in_force = [holds[candidate.source] for candidate in found]
    scores = rescored.scores * np.where(in_force, 1, OUT_OF_FORCE).astype(np.float32)
    order = spread(scores, [candidate.version_id for candidate in found])
    return [Ranked(found[place], float(scores[place]), shares[place], int(rescored.anchors[place])) for place in order]


def reranked(question: str, ranked: Sequence[Ranked]) -> list[Ranked]:
    """The first of the ranking in a cross-encoder's order, if one is configured; the rest as it was."""
    model = reranker()
    if model is None or not ranked:
        return list(ranked)
    first, rest = ranked[:RERANKED], ranked[RERANKED:]
    scores = model.score(question, [f"{one.candidate.context}\n{one.candidate.text}" for one in first])
    judged = [replace(one, score=float(score)) for one, score in zip(first, scores, strict=True)]
    judged.sort(key=lambda one: (-one.score, one.candidate.chunk_id))
    lowest = judged[-1].score
    return judged + [replace(one, score=min(one.score, lowest)) for one in rest]


def without_duplicates(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Passages of other documents that say the same as one before them are left out; with other numbers they don't."""
    if not ranked:
        return []
    embeddings = np.stack([one.candidate.embedding for one in ranked])
    close = embeddings @ embeddings.T >= SAME
    kept: list[int] = []
    for place, one in enumerate(ranked):
        alike = (ranked[other] for other in kept if close[place, other])
        if not any(says_the_same(one.candidate, other.candidate) for other in alike):
            kept.append(place)
    return [ranked[place] for place in kept]


def says_the_same(one: Candidate, other: Candidate) -> bool:
    """Of two whose vectors are close."""
    if one.version_id == other.version_id:
        return False
    words, others = set(WORD.findall(one.text.lower())), set(WORD.findall(other.text.lower()))
    numbers_differ = any(any(map(str.isdigit, word)) for word in words ^ others)
    return not numbers_differ and len(words & others) >= SAME_WORDS * len(words | others)


def hits_of(ranked: Sequence[Ranked], terms: Terms, audience: Audience, top: int) -> list[Hit]:
    """The best passages as people get them, neighbours joined."""
    of_chunk = {one.candidate.chunk_id: one for one in ranked}
    passages = join_neighbours([one.candidate for one in ranked])[:top]
    warnings: dict[int, str] = {}
    hits: list[Hit] = []
    for rank, passage in enumerate(passages, 1):
        best = passage.best
        source = best.source
        if source.document_id not in warnings:
            warnings[source.document_id] = warning_of(source.document, audience, timezone.localdate())
        matched = [term.word for term, found in zip(terms.terms, best.word_ranks, strict=True) if found]
        hits.append(
            Hit(
                rank=rank,
                score=min(round(of_chunk[best.chunk_id].score, 4), hits[-1].score if hits else 1.0),
                similarity=round(best.similarity, 4),
                word_score=round(of_chunk[best.chunk_id].share, 4),
                matched=tuple(matched),
                heading=best.heading,
                text=passage.text,
                is_corrected=best.is_corrected,
                start=passage.start,
                end=passage.end,
                page=passage.page,
                sentence=sentence_of(of_chunk[best.chunk_id], passage),
                version_id=best.version_id,
                version=source.version,
                document_id=source.document_id,
                document=source.title,
                path=source.path,
                owner=source.owner,
                warning=warnings[source.document_id],
            )
        )
    return hits


def sentence_of(ranked: Ranked, passage: Passage) -> tuple[int, int] | None:
    """Where in the passage's text the sentence stands that meets the question best."""
    found = sentence_at(ranked.candidate.context, ranked.candidate.text, ranked.anchor)
    moved = ranked.candidate.start - passage.start
    return (found[0] + moved, found[1] + moved) if found else None
