"""Which deployment is asked next, and why: typed fallbacks, in rounds."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from governance.gateway.faults import PASSING, Fault
from governance.gateway.models import Inference
from governance.gateway.registry import Deployment, plan
from governance.gateway.types import Tier

Reason = Inference.Reason

ROUNDS = 3
MOST_CALLS = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 4.0


@dataclass(frozen=True, slots=True)
class Choice:
    deployment: Deployment
    reason: Reason


class Course:
    """
    The way of one request through the deployments.

    First each provider's model of the tier, then the backups. What is down or limited is passed over for the next;
    input too long for one goes to a larger window, a refusal to a strong model. Whoever failed in a way that may pass
    is asked again in the next round.
    """

    def __init__(self, tier: Tier, among: Sequence[Deployment]) -> None:
        self._all = among
        self._order = plan(tier, among)
        self._reason = Reason.FIRST
        self._calls: Counter[str] = Counter()
        self._asked: set[str] = set()
        self._out: set[str] = set()
        self._round = 1

    @property
    def calls(self) -> int:
        return self._calls.total()

    @property
    def is_spent(self) -> bool:
        return self.calls >= MOST_CALLS

    def open_choices(self) -> list[Choice]:
        """Who may still be asked in this round, in order."""
        if self.is_spent:
            return []
        return [
            Choice(deployment, Reason.RETRY if self._calls[deployment.id] else self._reason)
            for deployment in self._order
            if deployment.id not in self._asked | self._out
        ]

    def called(self, deployment: Deployment) -> int:
        """Notes a call; answers which one of this request it is, from 1."""
        self._calls[deployment.id] += 1
        self._asked.add(deployment.id)
        return self.calls

    def failed(self, deployment: Deployment, fault: Fault) -> None:
        if fault not in PASSING:
            self._out.add(deployment.id)
        if fault is Fault.CONTEXT_TOO_LONG:
            self._turn_to(larger_than(deployment, self._all), Reason.LARGER_WINDOW)
        elif fault is Fault.REFUSED:
            self._turn_to([other for other in self._all if other.tier == "strong"], Reason.STRONGER)
        elif self._reason is Reason.FIRST:
            self._reason = Reason.NEXT

    def leave_out(self, deployment: Deployment) -> None:
        """Without a call: its budget is used up."""
        self._out.add(deployment.id)

    def next_round(self) -> float | None:
        """Seconds to pause before everyone who may have recovered is asked again; None: it is over."""
        again = self._asked - self._out
        if self._round >= ROUNDS or self.is_spent or not again:
            return None
        self._round += 1
        self._asked.clear()
        ceiling = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self._round - 2))
        # full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        return random.uniform(0, ceiling)  # noqa: S311  (spreads load, guards nothing)

    def _turn_to(self, deployments: Sequence[Deployment], reason: Reason) -> None:
        self._order = list({deployment.id: deployment for deployment in deployments}.values())
        self._reason = reason


def larger_than(deployment: Deployment, among: Sequence[Deployment]) -> list[Deployment]:
    """Whose window is known to be larger, the smallest first; then those of whom nothing is known."""
    least = deployment.context_tokens or 0
    known = [other for other in among if other.context_tokens and other.context_tokens > least]
    unknown = [other for other in among if other.context_tokens is None and other.id != deployment.id]
    return sorted(known, key=lambda other: other.context_tokens or 0) + unknown
