"""The guarded figures of a canary against the rest, as they stand now, and what they mean in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Count, OuterRef, Q, Subquery, Sum

from governance.feedback.models import Feedback
from governance.prompts.releases.models import CanaryAnswer, Release
from governance.prompts.statistics.arms import Arm
from governance.prompts.statistics.sequence import LEAST_PEOPLE, Difference, difference

ALPHA = 0.05
"""A canary that is as good as the rest is taken back with this probability at most, however often it is looked at."""
ANSWERED = ("success", "cache_hit")
NEGLIGIBLE = 0.05
"""Points or percent: less is no difference but how numbers are rounded."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """
    A figure that a canary must not make worse. `sum` and `count` are what is added up for each person.

    `tolerance` is how much worse it may be, as a share of the rest's mean: a longer answer may be the better one.
    """

    name: str
    title: str
    sum: str
    count: str
    better: Literal["more", "less"]
    unit: Literal["points", "%"] = "points"
    tolerance: float = 0.0


GUARDED = (
    Guarded("answered", "Questions answered", "answered", "answers", "more"),
    Guarded("thumbs", "Thumbs up", "thumbs_up", "thumbs", "more"),
    Guarded("reasks", "Asked again in other words", "reasks", "answers", "less"),
    Guarded("proof", "Groundedness", "proof", "proved", "more"),
    Guarded("errors", "Errors", "errors", "answers", "less"),
    Guarded("cost", "Cost of an answer", "cost", "priced", "less", unit="%", tolerance=0.2),
    Guarded("latency", "Time to the whole answer", "latency", "timed", "less", unit="%", tolerance=0.2),
)
EACH_ALPHA = 2 * ALPHA / len(GUARDED)
"""Of one figure's interval. Its two sides share it, and only one means harm: all figures together keep ALPHA."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`worse` is the difference with its sign turned so that above zero means worse for the canary."""

    guarded: Guarded
    canary: Arm
    rest: Arm
    worse: Difference

    @property
    def is_known(self) -> bool:
        return min(self.canary.people, self.rest.people) >= LEAST_PEOPLE

    @property
    def is_harm(self) -> bool:
        return self._in_unit(self.worse.low) > max(NEGLIGIBLE, 100 * self.guarded.tolerance)

    @property
    def state(self) -> str:
        """For the console's colour of it."""
        if not self.is_known:
            return "unknown"
        if self.is_harm:
            return "harm"
        low, high = self._in_unit(self.worse.low), self._in_unit(self.worse.high)
        return "worse" if low > NEGLIGIBLE else "better" if high < -NEGLIGIBLE else "open"

    @property
    def in_words(self) -> str:
        if not self.is_known:
            few = f"{self.canary.people} in the canary, {self.rest.people} in the rest"
            return f"too few people yet ({few}; {LEAST_PEOPLE} in each say something)"
        low, high = self._in_unit(self.worse.low), self._in_unit(self.worse.high)
        unit = self.guarded.unit
        if max(abs(low), abs(high)) <= NEGLIGIBLE:
            return "the same"
        if self.worse.low > 0:
            return f"between {shown(low)} and {shown(high)} {unit} worse"
        if self.worse.high < 0:
            return f"between {shown(-high)} and {shown(-low)} {unit} better"
        return f"between {shown(-low)} {unit} better and {shown(high)} {unit} worse"

    def _in_unit(self, value: float) -> float:
        if self.guarded.unit == "points":
            return value * 100
        return value / (abs(self.rest.mean) or abs(self.canary.mean) or 1.0) * 100


def shown(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 10 else f"{number:.1f}".removesuffix(".0")


def figures_of(release: Release) -> list[Figure]:
    """All guarded figures of a canary, also of one that has ended."""
    people = list(per_person(release))
    return [figure_of(guarded, people) for guarded in GUARDED]


def figure_of(guarded: Guarded, people: list[Mapping[str, Any]]) -> Figure:
    canary, rest = (
        Arm.of(
            [float(row[guarded.sum] or 0) for row in people if row["arm"] == arm],
            [row[guarded.count] for row in people if row["arm"] == arm],
        )
        for arm in ("canary", "rest")
    )
    first, second = (canary, rest) if guarded.better == "less" else (rest, canary)
    found = difference(first, second, alpha=EACH_ALPHA)
    return Figure(guarded, canary, rest, found)


def per_person(release: Release) -> Any:
    """One row for each person and arm: what the figures add up."""
    thumb = Feedback.objects.filter(request_id=OuterRef("request_id"), user=OuterRef("user")).values("rating")[:1]
    rows = CanaryAnswer.objects.filter(release=release).annotate(thumb=Subquery(thumb)).order_by()
    return rows.values("arm", "user").annotate(
        answers=Count("pk"),
        answered=Count("pk", filter=Q(status__in=ANSWERED)),
        errors=Count("pk", filter=Q(status="error")),
        reasks=Count("pk", filter=Q(is_reask=True)),
        thumbs=Count("thumb"),
        thumbs_up=Count("pk", filter=Q(thumb="up")),
        proof=Sum("confidence", filter=Q(status__in=ANSWERED)),
        proved=Count("confidence", filter=Q(status__in=ANSWERED)),
        cost=Sum("cost_usd", default=Decimal(0)),
        priced=Count("cost_usd"),
        latency=Sum("latency_ms"),
        timed=Count("latency_ms"),
    )
