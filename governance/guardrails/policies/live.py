"""The live policies, as every process holds them in memory."""

from dataclasses import dataclass

from governance.gateway.money.remembered import Remembered
from governance.guardrails.policies.models import GuardPolicy, GuardRule
from governance.guardrails.policy import DEFAULT, Policy, Rule
from governance.guardrails.values import Action

FRESH_S = 1.0
"""How long a process may go on with a policy that somebody replaced in another."""


@dataclass(frozen=True, slots=True)
class Live:
    """`of_groups` in the order in which they are looked for."""

    everyone: Policy = DEFAULT
    of_groups: tuple[tuple[int, Policy], ...] = ()


def load() -> Live:
    rows = list(GuardPolicy.objects.live().select_related("group").prefetch_related("rules").order_by("group__name"))
    everyone = next((as_policy(row) for row in rows if row.group_id is None), DEFAULT)
    return Live(everyone, tuple((row.group_id, as_policy(row)) for row in rows if row.group_id is not None))


def as_policy(row: GuardPolicy) -> Policy:
    """What guards and pipeline read. What a row has no rule for is as AskAcme ships it."""
    rules = list(row.rules.all())
    actions = {
        about: {rule.name: Action(rule.action) for rule in rules if rule.about == about} for about in GuardRule.About
    }
    questions = {rule.name: rule for rule in rules if rule.about == GuardRule.About.QUESTION}
    return Policy(
        version=row.label,
        inputs={**DEFAULT.inputs, **{name: Rule(Action(r.action), r.threshold) for name, r in questions.items()}},
        pii={**DEFAULT.pii, **actions[GuardRule.About.PERSONAL]},
        outputs={**DEFAULT.outputs, **actions[GuardRule.About.ANSWER]},
        documents={**DEFAULT.documents, **actions[GuardRule.About.DOCUMENT]},
        is_reversible=row.is_reversible,
        max_answer_chars=row.max_answer_chars,
        allowed=lines_of(row.allowed),
        hidden=lines_of(row.hidden),
        alert_after=row.alert_after,
        alert_within_min=row.alert_within_min,
    )


def lines_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


live = Remembered(load, for_s=FRESH_S)
"""Forgotten at once where a policy goes live (`services.make_live`)."""
