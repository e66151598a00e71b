"""
Reranking: how well each passage answers the question, read together by a cross-encoder.

Off unless ASKACME_RERANKER names a model's folder. Slower than comparing vectors (each pair is a forward pass of its
own), and better: for the few passages at the top of a search.
"""

import os
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from askacme.lib.errors import ModelUnavailable
from governance.gateway.embedding.batcher import Batcher
from governance.gateway.embedding.folders import problem_with
from governance.gateway.embedding.slices import SLICE_TOKENS, short_first

if TYPE_CHECKING:
    from governance.gateway.embedding.pairs import Pair, PairScorer

VARIABLE, KIND = "ASKACME_RERANKER", "cross-encoder"

Scores = NDArray[np.float32]
"""float32 array of shape (n_texts,), 0 … 1."""


class Reranker:
    """A cross-encoder in this process, loaded at first use. Safe to call from several threads."""

    def __init__(self, model_dir: Path) -> None:
        self.name = model_dir.name
        self._model_dir = model_dir
        self._loading = threading.Lock()
        self._scorer: PairScorer | None = None
        self._batcher = Batcher["Pair", float](self._score, SLICE_TOKENS)

    @property
    def engine(self) -> str:
        """The arithmetic in which it computes: `bfloat16`, `int8` or `float32`."""
        return self._loaded().engine

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """
        How likely each text answers the question.

        The sigmoid of the model's score. Raises ModelUnavailable if ASKACME_RERANKER isn't a cross-encoder's folder.
        """
        pairs = self._loaded().prepare(question, texts)
        found = np.zeros(len(texts), dtype=np.float32)
        places = short_first([pair.size for pair in pairs])
        in_order = [pairs[place] for place in places]
        found[places] = self._batcher.run(in_order, [pair.size for pair in in_order])
        return found

    def _score(self, pairs: Sequence["Pair"]) -> Sequence[float]:
        return self._loaded().score(pairs)

    def _loaded(self) -> "PairScorer":
        with self._loading:
            if self._scorer is None:
                self._scorer = load(self._model_dir)
            return self._scorer


def load(folder: Path) -> "PairScorer":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    problem = problem_with(folder, VARIABLE, KIND)
    if problem:
        raise ModelUnavailable(problem)
    from governance.gateway.embedding.pairs import load_scorer

    return load_scorer(folder, settings.ASKACME.embedding_engine)


def reranker() -> Reranker | None:
    """The process's reranker; None if there is none."""
    folder = settings.ASKACME.reranker
    return _reranker(Path(folder)) if folder else None


@cache
def _reranker(folder: Path) -> Reranker:
    return Reranker(folder)
