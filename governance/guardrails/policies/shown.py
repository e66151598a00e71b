"""A policy on its page in the console: what can be done with it, and what its dry run found."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.audit.models import AuditedAnswer
from governance.guardrails.policies.models import DryRun, GuardPolicy
from governance.guardrails.policies.services import tried
from governance.guardrails.values import Action

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose verdict would be another; `question` is empty once it was erased."""

    question: str
    now: str
    then: str
    code: str

    @property
    def is_stricter(self) -> bool:
        return Action(self.then).severity > Action(self.now).severity


@dataclass(frozen=True, slots=True)
class Steps:
    """`counts` are rows of (what is done, how often now, how often then). `is_tried`: of what the draft says now."""

    policy: GuardPolicy
    run: DryRun | None
    is_tried: bool
    counts: Sequence[tuple[str, int, int]]
    changes: Sequence[Change]
    left_out: int

    @property
    def is_running(self) -> bool:
        return self.run is not None and self.run.finished_at is None


def shown(policy: GuardPolicy) -> Steps:
    run = policy.dry_runs.first()
    return Steps(
        policy=policy,
        run=run,
        is_tried=tried(policy) is not None,
        counts=[(str(a), run.counts_now.get(a, 0), run.counts_then.get(a, 0)) for a in Action] if run else [],
        changes=changes_of(run) if run else [],
        left_out=max(0, len(run.changes) - MOST_SHOWN) if run else 0,
    )


def changes_of(run: DryRun) -> list[Change]:
    first = run.changes[:MOST_SHOWN]
    asked = AuditedAnswer.objects.filter(request_id__in=[change["request_id"] for change in first])
    questions = {str(pk): question for pk, question in asked.values_list("request_id", "question")}
    return [
        Change(questions.get(change["request_id"], ""), change["now"], change["then"], change["code"])
        for change in first
    ]
