"""
Canaries and experiments with known truth: how often a good release is taken back, and how soon a bad one.

People differ in how much they ask and in how easily they are pleased; some rate. Each canary is watched answer by
answer, and each guarded figure may take it back.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest

from governance.prompts.statistics.arms import Arm
from governance.prompts.statistics.planning import p_value_at_end, people_needed
from governance.prompts.statistics.sequence import difference
from tests.bench import output

CANARIES, AA_TESTS = 1000, 1000
PEOPLE, SHARE, ANSWERS, LOOK_EVERY = 300, 0.1, 2000, 10
RATED, PLEASED = 0.25, 0.8
ALPHA = 0.05

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Company:
    """Who asked each answer, who is in the canary, and the figures of each answer with how often they count."""

    people: int
    in_canary: NDArray[np.bool_]
    who: NDArray[np.int64]
    figures: dict[str, tuple[Numbers, Numbers]]

    def arms(self, name: str, answers: int) -> tuple[Arm, Arm]:
        values, counts = self.figures[name]
        sums = np.bincount(self.who[:answers], values[:answers] * counts[:answers], self.people)
        counted = np.bincount(self.who[:answers], counts[:answers], self.people)
        mine = self.in_canary
        return Arm.of(sums[mine], counted[mine]), Arm.of(sums[~mine], counted[~mine])


GUARDED = {"thumbs": 1, "answered": 1, "groundedness": 1, "latency": -1, "cost": -1}
"""1: more is better, -1: less is."""


def company(
    random: np.random.Generator,
    *,
    people: int = PEOPLE,
    answers: int = ANSWERS,
    share: float = SHARE,
    drop: float = 0.0,
) -> Company:
    in_canary = random.random(people) < share
    activity = random.gamma(1.5, 1, people)
    who = random.choice(people, answers, p=activity / activity.sum())
    pleased = random.beta(8 * PLEASED, 8 * (1 - PLEASED), people)[who] - drop * in_canary[who]
    pace, answered, each = random.normal(0, 0.3, people)[who], random.beta(9, 1, people)[who], np.ones(answers)
    return Company(
        people,
        in_canary,
        who,
        {
            "thumbs": (
                (random.random(answers) < pleased).astype(float),
                (random.random(answers) < RATED).astype(float),
            ),
            "answered": ((random.random(answers) < answered).astype(float), each),
            "groundedness": (random.beta(20, 2, answers), each),
            "latency": (random.lognormal(pace + 7, 0.6), each),
            "cost": (random.lognormal(pace - 6, 0.8), each),
        },
    )


def taken_back_after(watched: Company, *, look_every: int = LOOK_EVERY) -> int | None:
    """Answers until the first guarded figure is worse for sure; None when that never comes."""
    alpha = 2 * ALPHA / len(GUARDED)  # of two sides, only one takes back
    for answers in looks(watched, look_every):
        for name, better in GUARDED.items():
            found = difference(*watched.arms(name, answers), alpha=alpha)
            if (found.high if better > 0 else -found.low) < 0:
                return answers
    return None


def looks(watched: Company, every: int) -> Iterator[int]:
    yield from range(every, len(watched.who) + 1, every)


def table() -> str:
    random = np.random.default_rng(20261121)
    false = sum(taken_back_after(company(random)) is not None for _ in range(CANARIES))
    rows = [("no difference, 10 % of 300 people", f"{CANARIES:,}", f"{false / CANARIES:.1%}", "–", "–")]
    for people, share, answers in ((2000, 0.1, 40_000), (400, 0.5, 12_000)):
        worse = [company(random, people=people, share=share, answers=answers, drop=0.1) for _ in range(100)]
        found = [after for each in worse if (after := taken_back_after(each, look_every=200))]
        middle, late = (f"{int(value):,}" for value in np.percentile(found, (50, 90)))
        name = f"thumbs 10 points worse, {share:.0%} of {people:,} people"
        rows.append((name, "100", f"{len(found) / len(worse):.0%}", middle, late))
    head = ("canary", "runs", "taken back", "answers until then, p50", "p90")
    same = [p_value_at_end(*company(random, share=0.5).arms("thumbs", ANSWERS)) for _ in range(AA_TESTS)]
    uniform = kstest(same, "uniform")
    planned = people_needed(variance=PLEASED * (1 - PLEASED), effect=0.1)
    told = (
        f"A/A: {AA_TESTS:,} experiments, p below 5 % in {np.mean(np.array(same) < 0.05):.1%}; against the uniform "
        f"distribution: Kolmogorov-Smirnov {uniform.statistic:.3f}, p = {uniform.pvalue:.2f}. "
        f"Planned for 10 points of thumbs, one rating each: {planned:,} people."
    )
    return output.table("Canaries and experiments with known truth", head, rows) + f"\n\n{told}"
