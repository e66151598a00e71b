"""
Learning to tell labels apart: multinomial logistic regression, whose probabilities mean what they say.

A small training set leaves the probabilities too timid. One temperature, chosen on held-back examples, mends that
(Guo et al. 2017, "On Calibration of Modern Neural Networks"); it is folded into the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from governance.gateway.types import Vectors

STRENGTH = 3.0
"""The inverse of the regularisation. Between 1 and 100 the accuracy on held-back examples moves by two points."""
FOLDS = 5
NEAR_COSINE = 0.7
"""From here on two examples are near-duplicates: measured where the other is learned from, they would flatter."""
TEMPERATURES = np.geomspace(0.1, 3, 60)

Labels = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Head:
    """`weights` of shape (n_features + 1, n_labels), the last row is the bias; `labels` in the columns' order."""

    labels: tuple[str, ...]
    weights: Vectors

    def logits(self, features: Vectors) -> Vectors:
        logits: Vectors = features @ self.weights[:-1] + self.weights[-1]
        return logits

    def best(self, features: Vectors) -> tuple[str, float]:
        """The likeliest label of one row, and how likely it is."""
        chances = softmax(self.logits(features))[0]
        place = int(chances.argmax())
        return self.labels[place], float(chances[place])


@dataclass(frozen=True, slots=True)
class Learned:
    """
    A calibrated head. `held_back[i]` is what was said of example i by weights that hadn't seen it or its like.

    `held_back_logits` has the calibrated logits behind that, a row per example, in the order of the head's labels.
    """

    head: Head
    held_back: Labels | None
    accuracy: float | None
    held_back_logits: NDArray[np.float64] | None = None


def learn(features: Vectors, labels: Sequence[str], groups: NDArray[np.int32]) -> Learned:
    """
    From one row of `features` per label; `groups` come from `near_duplicates`.

    Neither calibrated nor measured (`held_back` None) when a label has fewer examples than there are folds.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):  # so small a problem is solved 30 times as fast by one thread as by two
        return measured(features, np.array(labels), groups)


def measured(features: Vectors, truth: Labels, groups: NDArray[np.int32]) -> Learned:
    """Learned from all, calibrated and measured on what each fold holds back."""
    head = fitted(features, truth)
    counts = np.unique(truth, return_counts=True)[1]
    if len(counts) < 2 or counts.min() < FOLDS:
        return Learned(head, None, None)
    logits = held_back_logits(features, truth, groups, head.labels)
    places = np.searchsorted(head.labels, truth)
    sharpest = min(TEMPERATURES, key=lambda temperature: surprise(logits / temperature, places))
    calibrated = Head(head.labels, (head.weights / sharpest).astype(np.float32))
    said = np.array(head.labels)[logits.argmax(1)]
    return Learned(calibrated, said, float((said == truth).mean()), logits / sharpest)


def fitted(features: Vectors, truth: Labels) -> Head:
    """With a single label there is nothing to tell apart: it gets all."""
    from sklearn.linear_model import LogisticRegression

    labels = tuple(np.unique(truth).tolist())
    if len(labels) < 2:
        return Head(labels, np.zeros((features.shape[1] + 1, len(labels)), np.float32))
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(features, truth)
    weights = np.vstack([model.coef_.T, model.intercept_])
    if len(labels) == 2:  # sklearn gives one column, the log-odds of the second label
        weights = np.hstack([np.zeros_like(weights), weights])
    return Head(labels, weights.astype(np.float32))


def held_back_logits(
    features: Vectors, truth: Labels, groups: NDArray[np.int32], labels: tuple[str, ...]
) -> NDArray[np.float64]:
    """Row by row, from weights of the other folds. A label that they lack can't be said."""
    from sklearn.model_selection import StratifiedGroupKFold

    logits = np.full((len(truth), len(labels)), -30.0)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for rest, held in folds.split(features, truth, groups):
        head = fitted(features[rest], truth[rest])
        logits[np.ix_(held, np.searchsorted(labels, head.labels))] = head.logits(features[held])
    return logits


def near_duplicates(vectors: Vectors) -> NDArray[np.int32]:
    """A number per row; rows that are alike, or joined by a chain of such rows, have the same."""
    from scipy.sparse.csgraph import connected_components

    groups: NDArray[np.int32] = connected_components(vectors @ vectors.T >= NEAR_COSINE, directed=False)[1]
    return groups


def softmax(logits: Vectors) -> Vectors:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    chances: Vectors = powers / powers.sum(1, keepdims=True)
    return chances


def surprise(logits: NDArray[np.float64], places: NDArray[np.intp]) -> float:
    """The mean negative log-likelihood of the true labels."""
    shifted = logits - logits.max(1, keepdims=True)
    chosen = shifted[np.arange(len(places)), places]
    return float((np.log(np.exp(shifted).sum(1)) - chosen).mean())
