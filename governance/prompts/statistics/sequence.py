"""
The difference of two arms, in an interval that holds however often it is looked at.

Asymptotic confidence sequences: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and
asymptotic confidence sequences" (Annals of Statistics 2024, arXiv:2103.06476), with Robbins' normal mixture. A fixed
interval of 95 % that is looked at day by day is wrong far more often than once in twenty; this one is wrong at any time
at all with probability `alpha` at most.
"""

import math
from dataclasses import dataclass

from governance.prompts.statistics.arms import Arm

LEAST_PEOPLE = 8
"""In each arm. With fewer, the variance is a guess, and nothing is concluded."""

TIGHTEST_AT = 200
"""People after whom the interval is narrowest for its level: early enough for a canary, not lost on an experiment."""


@dataclass(frozen=True, slots=True)
class Difference:
    """
    First arm less second: the estimate and the interval that holds at all times at once.

    `p_value` may be looked at any time too: under no difference it falls to a value x, ever, with probability x.
    """

    estimate: float
    low: float
    high: float
    p_value: float

    @property
    def is_decided(self) -> bool:
        return self.low > 0 or self.high < 0


UNKNOWN = Difference(estimate=0.0, low=-math.inf, high=math.inf, p_value=1.0)


def difference(first: Arm, second: Arm, *, alpha: float = 0.05, tightest_at: int = TIGHTEST_AT) -> Difference:
    """`first.mean - second.mean` with an interval of level 1 - alpha; unbounded while either arm has too few people."""
    if min(first.people, second.people) < LEAST_PEOPLE:
        return UNKNOWN
    estimate = first.mean - second.mean
    people = first.people + second.people
    spread = _spread(first, second)
    if spread == 0.0:
        return Difference(estimate, estimate, estimate, 0.0 if estimate else 1.0)
    half = spread * _half_width(people, alpha, tightest_at)
    return Difference(estimate, estimate - half, estimate + half, _p_value(abs(estimate) / spread, people, tightest_at))


def _spread(first: Arm, second: Arm) -> float:
    """
    Standard deviation of one person's part in the difference.

    The smaller arm gets at least the larger one's variance: with a dozen people it may be zero by luck.
    """
    small, large = sorted((first, second), key=lambda arm: arm.people)
    return math.sqrt(
        (first.people + second.people)
        * (max(small.variance, large.variance) / small.people + large.variance / large.people)
    )


def _half_width(people: int, alpha: float, tightest_at: int) -> float:
    """In standard deviations of one person's part (the paper's equation for two sides)."""
    scaled = people * _rho_squared(tightest_at)
    return math.sqrt(2 * (scaled + 1) / (people * scaled) * math.log(math.sqrt(scaled + 1) / alpha))


def _rho_squared(tightest_at: int) -> float:
    """The mixture's variance that makes an interval of 95 % narrowest after so many people (the paper's appendix)."""
    return (-2 * math.log(0.05) + math.log(-2 * math.log(0.05)) + 1) / tightest_at


def _p_value(distance: float, people: int, tightest_at: int) -> float:
    """The level at which the interval would just end at zero."""
    scaled = people * _rho_squared(tightest_at)
    exponent = distance**2 * people * scaled / (2 * (scaled + 1))
    return min(1.0, math.sqrt(scaled + 1) * math.exp(-exponent))
