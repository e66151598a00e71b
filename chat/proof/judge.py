"""Whether a sentence is proved by the passages it cites."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from askacme.lib.errors import ModelUnavailable
from chat.proof import facts, meaning
from chat.proof.evidence import Evidence
from chat.proof.plain import has_nothing_to_prove
from chat.proof.reasons import NO_SOURCE, NOT_SAID
from chat.proof.values import Sentence, State
from chat.proof.wording import plain

logger = logging.getLogger(__name__)

COVERED = 0.8
"""Share of the content words that must stand in the passage while no model can compare meanings."""


@dataclass(frozen=True, slots=True)
class Claim:
    """
    One sentence as it stands in the answer, at `start` to `end`.

    `cites` are the marks it leans on; `evidence` what stands behind them, None when it cites nothing. `vouched` says
    what else than a passage answers for it.
    """

    index: int
    start: int
    end: int
    text: str
    cites: tuple[int, ...] = ()
    evidence: Evidence | None = None
    vouched: str | None = None

    def judged(self, state: State, reason: str = "") -> Sentence:
        return Sentence(self.index, self.start, self.end, state, self.cites, reason)


def judge_at_once(claim: Claim) -> Sentence | None:
    """
    The verdict where a glance tells: nothing to prove, no source, a quote word for word. Else None.

    Costs some 0.1 ms, and the passage's plain text once.
    """
    if claim.vouched is not None:
        return claim.judged(State.PLAIN, claim.vouched)
    if claim.evidence is not None and facts.is_quoted(plain(claim.text), claim.evidence):
        return claim.judged(State.PROVED)
    if has_nothing_to_prove(claim.text, cites=claim.evidence is not None):
        return claim.judged(State.PLAIN)
    return claim.judged(State.UNPROVED, NO_SOURCE) if claim.evidence is None else None


def judge(claims: Sequence[Claim], question: str) -> list[Sentence]:
    """
    The verdict on claims that are no quotes: first the facts, then all that hold in one batch by their meaning.

    Blocks for the models: not for the event loop.
    """
    told = [(claim, plain(claim.text), claim.evidence or Evidence(())) for claim in claims]
    wrong = [facts.missing(words, question, evidence) for _, words, evidence in told]
    open_ones = [(words, evidence) for (_, words, evidence), reason in zip(told, wrong, strict=True) if not reason]
    carried = iter(_are_carried(open_ones))
    return [
        claim.judged(State.UNPROVED, reason) if reason else _by_meaning(claim, is_carried=next(carried))
        for (claim, _, _), reason in zip(told, wrong, strict=True)
    ]


def _by_meaning(claim: Claim, *, is_carried: bool) -> Sentence:
    return claim.judged(State.PROVED) if is_carried else claim.judged(State.UNPROVED, NOT_SAID)


def _are_carried(claims: Sequence[meaning.Claim]) -> list[bool]:
    if not claims:
        return []
    try:
        return meaning.are_carried(claims)
    except ModelUnavailable as error:
        logger.warning("Sentences are proved by their words alone: %s", error)
        return [meaning.covered(*claim) >= COVERED for claim in claims]
