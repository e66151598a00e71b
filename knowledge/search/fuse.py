"""One score out of two: meaning first, words as a nudge."""

from collections.abc import Sequence

WORDS_WEIGHT = 0.1
"""
Chosen on a handbook of 316 documents with 129 questions: 0.1 beats vectors alone, more words, and fused ranks.

Ranks throw away how sure each ranking is: there, fused ranks (k = 60, words at 0.35) had a document MRR@10 of 0.565,
fused scores 0.70. Full weight to words pays only where questions repeat the document's own words.
"""


def fuse(similarities: Sequence[float], word_scores: Sequence[float]) -> list[float]:
    """
    A score in 0..1 for each candidate, comparable within one search.

    `similarities` are cosines; `word_scores` are any non-negative scores, divided here by the best of them.
    """
    best = max(word_scores, default=0.0) or 1.0
    return [
        max(0.0, similarity + WORDS_WEIGHT * words / best) / (1 + WORDS_WEIGHT)
        for similarity, words in zip(similarities, word_scores, strict=True)
    ]
