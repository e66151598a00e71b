"""What the guards said of an answer, as it stands on record in its stages."""

from collections.abc import Sequence
from typing import Any

from governance.audit.answers import severity, verdicts_in
from governance.guardrails.values import Action, GuardVerdict


def decisive_in(stages: Sequence[dict[str, Any]]) -> GuardVerdict | None:
    """The strictest verdict that people are told about; None when all allow."""
    found = [told for told in verdicts_in(stages) if told["action"] != Action.ALLOW]
    return as_verdict(max(found, key=severity)) if found else None


def as_verdict(told: dict[str, Any]) -> GuardVerdict:
    return GuardVerdict(
        guard=str(told["guard"]),
        version=str(told.get("version", "")),
        action=Action(told["action"]),
        score=float(told.get("score") or 0),
        code=str(told.get("code", "")),
        signals=tuple(map(str, told.get("signals", ()))),
    )


def policy_in(stages: Sequence[dict[str, Any]]) -> str:
    """The label of the policy that the question was held to."""
    return next(
        (str(detail["policy"]) for stage in stages if (detail := stage.get("detail")) and "policy" in detail), ""
    )
