"""The policy that a person's questions and answers are held to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from governance.guardrails.values import Action


@dataclass(frozen=True, slots=True)
class Rule:
    """From `threshold` on, a guard's score means `action`."""

    action: Action
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class Policy:
    """
    What is done about what the guards find, under one version label such as `default@3`.

    `inputs` maps an input guard's name to its rule. `pii` maps a type of personal data (`EMAIL_ADDRESS`, …) to what is
    done about it in questions and whatever else people write; a type that is missing is masked. `outputs` does the same
    for what the output screen looks for (`canary`, `prompt`, `secret`, `pii`, `link`, `html`, `length`). `documents`
    maps `pii`, `secret`, `hidden_text`, `instructions` to what ingest does: allow, warn (a finding), mask, block
    (quarantine). `is_reversible`: the asker sees the real value where the answer holds its placeholder. `allowed` are
    values that are nobody's secret (an address or a domain of the company's), `hidden` the company's own words to mask.
    So many blocked attacks by one account as `alert_after` says, within `alert_within_min` minutes, raise an alert.
    """

    version: str
    inputs: Mapping[str, Rule] = field(default_factory=dict)
    pii: Mapping[str, Action] = field(default_factory=dict)
    outputs: Mapping[str, Action] = field(default_factory=dict)
    documents: Mapping[str, Action] = field(default_factory=dict)
    is_reversible: bool = True
    max_answer_chars: int = 8000
    allowed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    alert_after: int = 5
    alert_within_min: int = 10


DEFAULT = Policy(
    version="default@0",
    inputs={
        "injection": Rule(Action.BLOCK, 0.5),
        "harm": Rule(Action.BLOCK, 0.5),
        "topic": Rule(Action.WARN, 0.5),
    },
    outputs={
        "canary": Action.BLOCK,
        "prompt": Action.BLOCK,
        "secret": Action.BLOCK,
        "pii": Action.MASK,
        "link": Action.MASK,
        "html": Action.MASK,
        "length": Action.MASK,
    },
    documents={
        "pii": Action.WARN,
        "secret": Action.MASK,
        "hidden_text": Action.WARN,
        "instructions": Action.BLOCK,
    },
)
"""What holds until somebody edits a policy in the console."""


def policy_for(group_ids: frozenset[int]) -> Policy:
    """
    The live policy of the first of these groups, by name, that has one, else everyone's.

    Another process's change holds here within a second. A query now and then, never one per call.
    """
    from governance.guardrails.policies.live import live  # tables: this module is read before the apps are there

    policies = live.get()
    return next((policy for group_id, policy in policies.of_groups if group_id in group_ids), policies.everyone)
