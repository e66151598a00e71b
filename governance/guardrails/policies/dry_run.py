"""
What a draft would have made of last week's questions.

They are on record with personal data masked, so what a policy does about that can't be tried on them; what its guards
say of a question can.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from governance.audit.models import AuditedAnswer
from governance.gateway.embeddings import embedder
from governance.guardrails.guards import GUARDS
from governance.guardrails.inspect import judged, verdict_of
from governance.guardrails.policies.live import as_policy, live
from governance.guardrails.policies.models import DryRun, GuardPolicy
from governance.guardrails.policy import Policy
from governance.guardrails.values import Guard, GuardVerdict, Inspected, Judgement
from governance.guardrails.windows import windows

logger = logging.getLogger(__name__)

LOOKS_BACK = timedelta(days=7)
MOST_QUESTIONS = 5_000
"""The newest ones. Half a minute's work; what a policy does shows in fewer."""
MOST_CHANGES = 500
AT_ONCE = 32

Asked = tuple[UUID, str]


def run(run_id: int, *, guards: Sequence[Guard] = GUARDS) -> None:
    """Does nothing for a run that has begun already, or is gone."""
    mine = DryRun.objects.filter(pk=run_id)
    if not mine.filter(state=DryRun.State.QUEUED).update(state=DryRun.State.RUNNING):
        return
    try:
        try_out(mine.select_related("policy__group").get(), guards)
        mine.update(state=DryRun.State.DONE, finished_at=timezone.now())
    except Exception:  # the task's top: the page says that it failed
        logger.exception("Dry run %s failed", run_id)
        mine.update(state=DryRun.State.FAILED, finished_at=timezone.now())


def try_out(dry_run: DryRun, guards: Sequence[Guard]) -> None:
    now, then = policy_now(dry_run.policy), as_policy(dry_run.policy)
    questions = questions_of(dry_run.policy)
    counts_now, counts_then = Counter[str](), Counter[str]()
    DryRun.objects.filter(pk=dry_run.pk).update(total=len(questions))
    for start in range(0, len(questions), AT_ONCE):
        batch = questions[start : start + AT_ONCE]
        for request_id, text in batch:
            found = judged_by_all(text, guards)
            before, after = under(now, guards, found), under(then, guards, found)
            counts_now[before.action] += 1
            counts_then[after.action] += 1
            if before.action != after.action and len(dry_run.changes) < MOST_CHANGES:
                dry_run.changes.append(change(request_id, before, after))
        dry_run.done += len(batch)
        dry_run.counts_now, dry_run.counts_then = dict(counts_now), dict(counts_then)
        dry_run.save(update_fields=["done", "counts_now", "counts_then", "changes"])


def questions_of(policy: GuardPolicy) -> list[Asked]:
    """Of those whom the policy holds for: its group, or everyone."""
    asked = AuditedAnswer.objects.filter(at__gte=timezone.now() - LOOKS_BACK).exclude(question="")
    if policy.group:
        asked = asked.filter(user__groups=policy.group)
    return list(asked.values_list("request_id", "question")[:MOST_QUESTIONS])


def policy_now(draft: GuardPolicy) -> Policy:
    live.forget()  # a worker asks seldom: what it knows may be old
    known = live.get()
    return dict(known.of_groups).get(draft.group_id or 0, known.everyone)


def judged_by_all(text: str, guards: Sequence[Guard]) -> list[Judgement]:
    """What each guard says, whatever a policy makes of it."""
    pieces = windows(text)
    vectors = embedder().embed_query(text) if len(pieces) == 1 else embedder().embed(pieces)
    return [judged(guard, text, pieces, vectors) for guard in guards]


def under(policy: Policy, guards: Sequence[Guard], found: Sequence[Judgement]) -> Inspected:
    verdicts: list[GuardVerdict] = [
        verdict_of(guard, judgement, policy.inputs[guard.name])
        for guard, judgement in zip(guards, found, strict=True)
        if guard.name in policy.inputs
    ]
    return Inspected(tuple(verdicts), policy.version)


def change(request_id: UUID, before: Inspected, after: Inspected) -> dict[str, str]:
    reason = (after if after.action.severity > before.action.severity else before).decisive
    code = reason.code if reason else ""
    return {"request_id": str(request_id), "now": before.action, "then": after.action, "code": code}
