"""
What watches a canary: it takes it back when a guarded figure is worse, and promotes it when its rule says so.

It looks every half minute. The intervals allow that: they hold at all times at once.
"""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from askacme.lib.errors import Conflict
from governance.prompts.releases.figures import ALPHA, Figure, figures_of
from governance.prompts.releases.models import CanaryAnswer, Release
from governance.prompts.releases.services import promote, take_back
from governance.prompts.statistics.arms import Arm

logger = logging.getLogger(__name__)

BROKEN_ANSWERS = 10
BROKEN_PEOPLE = 2
BROKEN_SHARE = 0.5
BROKEN_BEYOND_REST = 0.3
"""
While people are too few for statistics, errors speak for themselves: of at least 10 answers to at least two people half
are errors, and that is 30 points more than in the rest. A broken recipe does that at once; chance, where one answer in
20 is an error, does so for about one canary in 10,000.
"""


def watch(*, now: datetime | None = None) -> str:
    """Look at the canary that is out, and act. Returns what was done in a word; empty when nothing was."""
    release = Release.objects.filter(state=Release.State.CANARY).select_related("recipe", "released_by").first()
    if release is None:
        return ""
    figures = figures_of(release)
    try:
        if reason := reason_against(figures):
            take_back(release=release, reason=reason)
            return "taken back"
        if is_due(release, now or timezone.now()):
            promote(release=release, actor=None)
            return "promoted"
    except Conflict as error:  # somebody was faster: it isn't out any more
        logger.info("The canary was left alone: %s", error)
    return ""


def reason_against(figures: list[Figure]) -> str:
    """Why the canary must not go on, for its owner to read; empty when nothing is proved."""
    harms = [figure for figure in figures if figure.is_harm]
    if harms:
        told = "; ".join(f"{figure.guarded.title}: {figure.in_words}" for figure in harms)
        people = f"{harms[0].canary.people} people in the canary, {harms[0].rest.people} in the rest"
        return f"{told} ({people}). A canary as good as the rest would be taken back in at most {ALPHA:.0%} of cases."
    errors = next(figure for figure in figures if figure.guarded.name == "errors")
    return because_it_is_broken(errors.canary, errors.rest)


def because_it_is_broken(canary: Arm, rest: Arm) -> str:
    if canary.people < BROKEN_PEOPLE or canary.observations < BROKEN_ANSWERS:
        return ""
    if canary.mean < BROKEN_SHARE or canary.mean - rest.mean < BROKEN_BEYOND_REST:
        return ""
    return (
        f"Errors: {canary.mean * canary.observations:.0f} of the {canary.observations:.0f} answers of the canary's"
        f" {canary.people} people ended in one, and {rest.mean:.0%} in the rest. That is too many to wait for more."
    )


def is_due(release: Release, now: datetime) -> bool:
    """Its rule is met: so many people and days, and nothing was proved against it."""
    if release.promote_after_people is None or release.promote_after_days is None:
        return False
    if now - release.at < timedelta(days=release.promote_after_days):
        return False
    mine = CanaryAnswer.objects.filter(release=release, arm=CanaryAnswer.Arm.CANARY)
    return mine.values("user").distinct().count() >= release.promote_after_people
