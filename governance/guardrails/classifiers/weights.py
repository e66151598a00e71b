"""The learned weights as they ship, and what they say of a question."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from governance.gateway.embeddings import embedder
from governance.gateway.routing.fit import Head, softmax
from governance.gateway.types import Vectors
from governance.guardrails.classifiers import features
from governance.guardrails.classifiers.examples import NONE
from governance.guardrails.classifiers.features import SCALE, Seen

WEIGHTS = Path(__file__).with_name("weights.npz")
CARD = Path(__file__).with_name("card.json")


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely it is that there is something, and what it most likely is."""

    probability: float
    label: str


@dataclass(frozen=True, slots=True)
class Classifier:
    """One guard's two heads: `full` fits embeddings of the model `basis` only, `bare` needs none."""

    basis: str
    full: Head
    bare: Head

    def opinion(self, seen: Seen, vector: Vectors) -> Opinion:
        """Of what was seen in a question, and its embedding of shape (1, dimension) where that is of the basis."""
        signs = np.array([seen.numbers], np.float32) * SCALE
        is_basis = embedder().name == self.basis and vector.shape[1] + signs.shape[1] + 1 == len(self.full.weights)
        head, row = (self.full, np.hstack([vector[:1], signs])) if is_basis else (self.bare, signs)
        chances = softmax(head.logits(row))[0]
        none = head.labels.index(NONE)
        likeliest = max((place for place in range(len(chances)) if place != none), key=lambda place: chances[place])
        return Opinion(float(1 - chances[none]), head.labels[likeliest])


def version() -> str:
    """Of what the guards say: that of the features, and the beginning of the weights' hash."""
    return f"{features.VERSION}-{hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:8]}"


@cache
def classifier(guard: str) -> Classifier:
    """As shipped. Raises OSError if the file isn't there, and ValueError if it fits other features."""
    with np.load(WEIGHTS, allow_pickle=False) as arrays:
        if str(arrays["features"]) != str(features.VERSION):
            raise ValueError(f"{WEIGHTS.name} fits other features than these: run manage.py train_guards")
        full, bare = (
            Head(tuple(arrays[f"{guard}_{name}_labels"].tolist()), arrays[f"{guard}_{name}_weights"])
            for name in ("full", "bare")
        )
        return Classifier(str(arrays["basis"]), full, bare)
