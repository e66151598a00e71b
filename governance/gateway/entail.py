"""
Entailment: whether a claim follows from a text, by a natural language inference model.

Off unless ASKACME_NLI_MODEL names a model's folder. Each pair is a forward pass of its own: for the few sentences of an
answer that a rule can't settle.
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
from governance.gateway.embedding.folders import problem_with

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

VARIABLE, KIND = "ASKACME_NLI_MODEL", "cross-encoder for natural language inference"
LABEL = "entail"
"""How the label begins that says "it follows", in any case of letters."""

Shares = NDArray[np.float32]
"""float32 array of shape (n_pairs,), 0 … 1."""


class Entailer:
    """An NLI model in this process, loaded at first use. Safe to call from several threads, one at a time runs."""

    def __init__(self, model_dir: Path) -> None:
        self._model_dir = model_dir
        self._lock = threading.Lock()
        self._loaded: tuple[CrossEncoder, int] | None = None

    def score(self, pairs: Sequence[tuple[str, str]]) -> Shares:
        """
        How likely the second text of each pair follows from the first: the softmax's share of "entailment".

        Raises ModelUnavailable if ASKACME_NLI_MODEL isn't the folder of such a model.
        """
        if not pairs:
            return np.zeros(0, dtype=np.float32)
        with self._lock:
            model, column = self._loaded = self._loaded or load(self._model_dir)
            scores = np.asarray(model.predict([*pairs], apply_softmax=True, show_progress_bar=False), dtype=np.float32)
        return scores[:, column]


def load(folder: Path) -> "tuple[CrossEncoder, int]":
    """The model, and which of its labels is "entailment"."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    problem = problem_with(folder, VARIABLE, KIND)
    if problem:
        raise ModelUnavailable(problem)
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    labels = {int(n): str(label).lower() for n, label in model.config.id2label.items()}
    columns = [n for n, label in labels.items() if label.startswith(LABEL)]
    if len(labels) < 2 or not columns:
        raise ModelUnavailable(f"{VARIABLE} names {folder}, whose model has no label for entailment.")
    return model, columns[0]


def entailer() -> Entailer | None:
    """The process's NLI model; None if there is none."""
    folder = settings.ASKACME.nli_model
    return _entailer(Path(folder)) if folder else None


@cache
def _entailer(folder: Path) -> Entailer:
    return Entailer(folder)
