"""Answers on record. Call inside the transaction that ends the answer, so that neither exists without the other."""

from collections.abc import Iterator
from typing import Any

from governance.audit.models import AuditedAnswer
from governance.guardrails.values import Action


def record_answer(answer: AuditedAnswer) -> None:
    """
    Put an ended answer on record, once: if its `request_id` is there already, nothing happens.

    `answer` is not saved yet; what its guards decided is read from its `stages`.
    """
    decisive = max(verdicts_in(answer.stages), key=severity, default={})
    answer.verdict = str(decisive.get("action", ""))
    answer.verdict_code = str(decisive.get("code", ""))[:80]
    AuditedAnswer.objects.bulk_create([answer], ignore_conflicts=True)


def without_words(answer: AuditedAnswer) -> AuditedAnswer:
    """Only its figures: the person who asked was erased while it was made."""
    empty = AuditedAnswer()
    for name in AuditedAnswer.CONTENT:
        setattr(answer, name, getattr(empty, name))
    return answer


def verdicts_in(told: Any) -> Iterator[dict[str, Any]]:
    """All `GuardVerdict.as_json()` anywhere in the stages of a trace."""
    if isinstance(told, dict):
        if "guard" in told and told.get("action") in list(Action):
            yield told
        for value in told.values():
            yield from verdicts_in(value)
    elif isinstance(told, list):
        for value in told:
            yield from verdicts_in(value)


def severity(verdict: dict[str, Any]) -> tuple[int, float]:
    return Action(verdict["action"]).severity, float(verdict.get("score") or 0)
