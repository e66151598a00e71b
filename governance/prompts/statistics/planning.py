"""
How many people a comparison needs, and what it says when it is looked at once, at its end.

The usual two-sided test of two means: Kohavi, Tang & Xu, "Trustworthy Online Controlled Experiments" (2020), ch. 17.
"""

import math

from scipy.stats import norm

from governance.prompts.statistics.arms import Arm

POWER = 0.8
WATCHING = 1.6
"""
An interval that may be looked at any time needs more people than a test that is looked at once: by simulation, half of
all real differences of the planned size are found by then, and nine in ten at twice as many.
"""


def people_needed(*, variance: float, effect: float, share: float = 0.5, alpha: float = 0.05) -> int:
    """
    In both arms together, to find a difference of `effect` with a power of 80 % when `share` of them are in one arm.

    `variance` is of one person's part (`Arm.variance`). Raises ValueError for an effect of 0 or a share outside 0..1.
    """
    if not effect or not 0 < share < 1:
        raise ValueError("The effect must not be 0, and the share must lie between 0 and 1.")
    z = float(norm.isf(alpha / 2) + norm.isf(1 - POWER))
    return math.ceil(WATCHING * variance * (z / effect) ** 2 / (share * (1 - share)))


def p_value_at_end(first: Arm, second: Arm) -> float:
    """Of a difference at least as large as this, if there were none. Only for one look, at an end that was fixed."""
    if min(first.people, second.people) < 2:
        return 1.0
    error = math.sqrt(first.variance / first.people + second.variance / second.people)
    apart = abs(first.mean - second.mean)
    if error == 0.0:
        return 1.0 if apart == 0.0 else 0.0
    return float(2 * norm.sf(apart / error))
