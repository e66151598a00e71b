"""
The second look at the candidates: does each word of the question find its like in the passage?

Late interaction, after ColBERT (Khattab & Zaharia 2020): a passage keeps a vector for each of its words, and each word
of the question takes the best of them. The vectors come from the pass through the model that the passage's own vector
comes from, so they cost no time; of each number only the sign is kept (48 bytes for 384 numbers), while the question
keeps its numbers (asymmetric distance). What one vector of a passage blends, one for each word keeps apart.

Models behind an endpoint give no vectors of words: then the cosine counts, and the very words.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from askacme.lib.sentences import spans
from governance.gateway.embedding.word_spans import Span, word_spans
from governance.gateway.types import Vectors

Numbers = NDArray[np.float32]

WORDS_WEIGHT = 2.4
"""
How much the question's words count, each for itself, against the whole question's cosine.

Measured on a public agency's handbook (316 documents; 68 questions in its words and 61 in others), with chunks of up to
208 tokens, in one configuration with the constants below, as document recall@5, recall@10, MRR@10 and quote recall@10
(nDCG@10 for SQuAD 2.0 and XQuAD's English part):

    cosine alone                     .814  .876  .683  .775    .795  .942
    with the words                   .837  .891  .753  .814    .935  .986
    and spread, neighbours joined    .868  .907  .762  .853

Two thirds and four thirds of the weight are within the noise (95 %: about 0.06 each way on the handbook).
"""

SHARE_WEIGHT = 0.1
"""How much it counts that the very words, by their rarity, stand in the passage."""

SHARE_SPREADS = 2.0
"""
The same where there are no vectors of words, in standard deviations of the candidates' cosines: those of one model lie
between 0 and 0.6, of another between 0.7 and 0.9.

Measured with the default model's cosines, the vectors of words left out, as document recall@5, recall@10, MRR@10 and
quote recall@10, on the handbook above (165 questions, the harder kinds included), and on Acme's (45, without quotes):

    with the words                   .894  .924  .797  .836    1.00  1.00  .952
    cosine alone                     .881  .915  .742  .784    .978  .978  .864
    cosine and share                 .868  .939  .782  .801    .978  1.00  .904
    share alone                      .692  .739  .584  .605    .844  .956  .639

One to three are within the noise. With 0.7 + 0.3 × cosine in the cosine's place the figures stay the same.
"""

RARITY_POWER = 0.5
"""A word counts by its rarity (inverse document frequency) to this power: in full, one odd word would decide."""

SIGNS_TO_COSINE = float(np.sqrt(np.pi / 2))
"""What a vector loses by keeping signs only, if its numbers are normally distributed."""

REPEAT = 0.008
"""What each further passage of a document is set back by: little, so that equals come from several documents."""

BLOCK = 1024
"""Words compared at once."""


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """
    What is looked for, word by word: float32 rows of length 1, and the rarity of each.

    Vectors are those of `word_spans(question)`, from one pass over the whole question.
    """

    vectors: Vectors
    rarities: Numbers


@dataclass(frozen=True, slots=True)
class Plain:
    """What candidates are judged by without vectors of words. All cosines are 0 if the question has no vector."""

    similarities: Numbers
    shares: Numbers

    @property
    def has_meaning(self) -> bool:
        return bool(self.similarities.any())

    @property
    def scores(self) -> Numbers:
        if not self.has_meaning:
            return self.shares
        weight = SHARE_SPREADS * float(self.similarities.std())
        return ((self.similarities + weight * self.shares) / (1 + weight)).astype(np.float32)


@dataclass(frozen=True)
class Rescored:
    """
    Candidates in the order they came in. `plain` is set where there were no vectors of words.

    `scores` lie in 0..1 and are comparable within one search. `closeness` has shape (n_candidates, n_question_words):
    the best cosine of each question word with a word of the candidate, and `places` which word of it that is, as a row
    of its word vectors; 0 and -1 for a candidate without any.
    """

    scores: Numbers
    closeness: Numbers
    places: NDArray[np.int64]
    weights: Numbers
    plain: Plain | None = None

    @cached_property
    def anchors(self) -> NDArray[np.int64]:
        """For each candidate the word that meets the question best, as a row of its word vectors; -1 without any."""
        if not self.weights.size:
            return np.full(len(self.scores), -1, dtype=np.int64)
        best = (self.closeness * self.weights).argmax(axis=1)
        anchors: NDArray[np.int64] = self.places[np.arange(len(best)), best]
        return anchors


def rescore(
    question: QuestionWords, *, similarities: Sequence[float], words: Sequence[bytes], shares: Sequence[float]
) -> Rescored:
    """
    Score candidates by the whole question's cosine, by its words' vectors and by its very words.

    For each candidate: `similarities` the cosine of question and passage, `words` its packed word vectors, `shares`
    the part of the question's words, by rarity, that it holds (0..1). A question without a word that tells something is
    scored by its cosine; where the model gives no vectors of words (zeros, and none packed), see SHARE_SPREADS.
    """
    weights = weights_of(question.rarities)
    if not any(words) or (len(question.vectors) and not question.vectors.any()):
        plain = Plain(np.asarray(similarities, dtype=np.float32), np.asarray(shares, dtype=np.float32))
        nothing, nowhere = closest(question.vectors, [b""] * len(words))
        return Rescored(np.clip(plain.scores, 0, 1), nothing, nowhere, weights, plain)
    closeness, places = closest(question.vectors, words)
    whole = np.asarray(similarities, dtype=np.float32)
    held = np.asarray(shares, dtype=np.float32)
    if weights.size:
        whole = whole + WORDS_WEIGHT * (closeness @ weights) + SHARE_WEIGHT * held
        whole = whole / (1 + WORDS_WEIGHT + SHARE_WEIGHT)
    return Rescored(np.clip(whole, 0, 1), closeness, places, weights)


def spread(scores: Numbers, documents: Sequence[int]) -> list[int]:
    """
    The candidates' order, best first, in which a document that was there already has to be a little better.

    `documents` names each candidate's document. Equal ones keep the order they came in.
    """
    seen: Counter[int] = Counter()
    set_back = np.zeros(len(scores), dtype=np.float32)
    for place in np.argsort(-scores, kind="stable"):
        set_back[place] = REPEAT * seen[documents[place]]
        seen[documents[place]] += 1
    return [int(place) for place in np.argsort(set_back - scores, kind="stable")]


def weights_of(rarities: Numbers) -> Numbers:
    """How much each question word counts; the sum is 1."""
    weights = np.maximum(rarities, 1e-3) ** RARITY_POWER
    shares: Numbers = (weights / max(float(weights.sum()), 1e-9)).astype(np.float32)
    return shares


def closest(vectors: Vectors, words: Sequence[bytes]) -> tuple[Numbers, NDArray[np.int64]]:
    """The best cosine of each question word in each candidate, and its row: arrays (n_candidates, n_question_words)."""
    count, dimension = vectors.shape
    closeness = np.zeros((len(words), count), dtype=np.float32)
    places = np.full((len(words), count), -1, dtype=np.int64)
    sizes = np.array([len(packed) * 8 // dimension for packed in words], dtype=np.int64)
    filled = np.flatnonzero(sizes)
    if not count or not filled.size:
        return closeness, places
    cosines = cosines_with_signs(vectors, b"".join(words))
    ends = np.cumsum(sizes)
    for candidate in filled:
        own = cosines[ends[candidate] - sizes[candidate] : ends[candidate]]
        places[candidate] = own.argmax(axis=0)
        closeness[candidate] = own.max(axis=0)
    return np.clip(closeness, -1, 1), places


def cosines_with_signs(vectors: Vectors, packed: bytes) -> Numbers:
    """
    Estimated cosines of question words with packed words, of shape (n_words, n_question_words).

    A sign is 2 * bit - 1, and a row of signs has length sqrt(dimension). Goes by blocks that fit into the processor's
    cache: six times faster than all at once.
    """
    count, dimension = vectors.shape
    rows = np.frombuffer(packed, dtype=np.uint8).reshape(-1, dimension // 8)
    dots = np.empty((len(rows), count), dtype=np.float32)
    for begin in range(0, len(rows), BLOCK):
        bits = np.unpackbits(rows[begin : begin + BLOCK], axis=1)
        dots[begin : begin + BLOCK] = bits.astype(np.float32) @ vectors.T
    cosines: Numbers = (2 * dots - vectors.sum(axis=1)) * np.float32(SIGNS_TO_COSINE / np.sqrt(dimension))
    return cosines


def sentence_at(context: str, text: str, anchor: int) -> Span | None:
    """
    The sentence of `text` that holds a word, given as a row of the word vectors of context, line break and text.

    None if the word stands in the context, or nowhere.
    """
    behind = anchor - len(word_spans(context))
    places = word_spans(text)
    if anchor < 0 or not 0 <= behind < len(places):
        return None
    found = spans(text)
    return found[bisect_right([start for start, _ in found], places[behind][0]) - 1]
