"""
How the guards learn: logistic regression, as the router does (`gateway.routing.fit`), over the shipped examples.

Each guard has two heads. One reads the embedding and the signs; the other, for installations with another embedding
model, the signs alone. `manage.py train_guards` remakes both, and the card that says how good they are.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from governance.gateway.embeddings import embedder
from governance.gateway.routing.fit import FOLDS, Labels, Learned, learn, near_duplicates
from governance.gateway.types import Vectors
from governance.guardrails.classifiers import features
from governance.guardrails.classifiers.examples import NONE, examples, lessons
from governance.guardrails.classifiers.weights import CARD, WEIGHTS

REPEATS = {"harm": 4}
"""Its examples are few in each of nine labels. Counted once, two in five more of them were taken for harmless."""


@dataclass(frozen=True, slots=True)
class Figures:
    """
    By cross-validation, near-duplicates in one fold. The first two don't ask which label it is, only whether it is one.

    `false_positives` is the share of texts without a label that get one; many of the examples are hard on purpose.
    """

    examples: int
    labelled: int
    recall: float
    false_positives: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one guard learned, with the embedding and without."""

    guard: str
    full: Learned
    bare: Learned
    figures: dict[str, Figures]


def train() -> list[Lesson]:
    """Learns from the shipped examples and leaves weights and card in the folder. Raises ModelUnavailable."""
    known = examples()
    vectors = dict(zip((one.text for one in known), embedder().embed([one.text for one in known]), strict=True))
    found = [taught(guard, *lessons(guard, known), vectors) for guard in features.SIGHTS]
    WEIGHTS.parent.mkdir(parents=True, exist_ok=True)
    with WEIGHTS.open("wb") as file:
        np.savez_compressed(file, **arrays_of(found))
    CARD.write_text(json.dumps(card(found, len(known)), indent=2) + "\n", encoding="utf-8")
    return found


def taught(guard: str, texts: list[str], labels: list[str], vectors: dict[str, NDArray[np.float32]]) -> Lesson:
    embedded = np.stack([vectors[text] for text in texts])
    signs = features.features(guard, texts)
    groups = near_duplicates(embedded)
    truth: Labels = np.array(labels)
    rows = repeated(truth, REPEATS.get(guard, 1))
    full = learn(np.hstack([embedded, signs])[rows], truth[rows].tolist(), groups[rows])
    bare = learn(signs[rows], truth[rows].tolist(), groups[rows])
    measured = {name: figures(one, truth) for name, one in (("full", full), ("bare", bare))}
    return Lesson(guard, full, bare, measured)


def repeated(truth: Labels, times: int) -> NDArray[np.intp]:
    """Places of all rows, and of the labelled ones so often. Copies are near-duplicates: they share a fold."""
    return np.concatenate([np.arange(len(truth)), np.tile(np.flatnonzero(truth != NONE), times - 1)])


def figures(learned: Learned, truth: Labels) -> Figures:
    """Copies stand behind the rows themselves and aren't counted."""
    said = truth if learned.held_back is None else learned.held_back[: len(truth)]
    labelled, flagged = truth != NONE, said != NONE
    return Figures(
        examples=len(truth),
        labelled=int(labelled.sum()),
        recall=round(float(flagged[labelled].mean()), 3),
        false_positives=round(float(flagged[~labelled].mean()), 3),
        accuracy=round(float((said == truth).mean()), 3),
    )


def arrays_of(found: list[Lesson]) -> dict[str, Any]:
    arrays: dict[str, NDArray[np.str_] | Vectors] = {
        "basis": np.array(embedder().name),
        "features": np.array(str(features.VERSION)),
    }
    for lesson in found:
        for name, learned in (("full", lesson.full), ("bare", lesson.bare)):
            arrays[f"{lesson.guard}_{name}_labels"] = np.array(learned.head.labels, str)
            arrays[f"{lesson.guard}_{name}_weights"] = learned.head.weights
    return arrays


def card(found: list[Lesson], count: int) -> dict[str, Any]:
    """What the weights are and how good, for people and for the page on models."""
    return {
        "what": "Multinomial logistic regression over a question's embedding and the signs of guardrails/signals.",
        "trained_on": date.today().isoformat(),  # noqa: DTZ011 - a day on a card, nobody's clock
        "examples": count,
        "source": "examples.jsonl: written for this project; no text of a public set of attacks is in it",
        "embedding": embedder().name,
        "features": features.VERSION,
        "measured": (
            f"Cross-validation in {FOLDS} folds, near-duplicates in one fold. The phrases were written with these "
            "examples in view, so it flatters; make bench measures on other texts."
        ),
        "guards": {
            lesson.guard: {
                "labels": list(lesson.full.head.labels),
                "with_embedding": asdict(lesson.figures["full"]),
                "signs_alone": asdict(lesson.figures["bare"]),
            }
            for lesson in found
        },
    }
