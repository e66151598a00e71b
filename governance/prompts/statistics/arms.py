"""
What the people of one arm did, as the few numbers that a comparison needs.

People are drawn into an arm, not answers: one person's answers resemble each other, so the person is the unit, and a
rate is a ratio of sums over people with the delta method's variance (Deng, Knoblich & Lu 2018, "Applying the delta
method in metric analytics", arXiv:1803.06336).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arm:
    """
    `people` who were counted at least once, the `mean` over all their observations, and the `variance` of one person's
    part in it: that of the mean is `variance / people`. `observations` is how many there were.
    """

    people: int
    mean: float
    variance: float
    observations: float

    @classmethod
    def of(cls, sums: ArrayLike, counts: ArrayLike) -> "Arm":
        """Each person's sum over their observations, and how many: shape (n_people,). Who has none is left out."""
        count: Numbers = np.asarray(counts, dtype=np.float64)
        total: Numbers = np.asarray(sums, dtype=np.float64)[count > 0]
        count = count[count > 0]
        people = len(count)
        if not people:
            return NOBODY
        mean = float(total.sum() / count.sum())
        parts = (total - mean * count) / count.mean()
        variance = float((parts**2).sum() / (people - 1)) if people > 1 else 0.0
        return cls(people, mean, variance, float(count.sum()))


NOBODY = Arm(people=0, mean=0.0, variance=0.0, observations=0.0)
