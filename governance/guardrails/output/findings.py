"""What the output screen found, and what the policy makes of it."""

from dataclasses import dataclass, field

from governance.guardrails.policy import DEFAULT, Policy
from governance.guardrails.values import Action, GuardVerdict

VERSION = "1"
"""Changes with what the screen finds."""
MOST_KEPT = 50
"""An answer that is nothing but links is told apart by fewer."""


@dataclass(slots=True)
class Findings:
    """Of one answer. `withheld` is what it is held back for, the first of all."""

    policy: Policy
    verdicts: list[GuardVerdict] = field(default_factory=list)
    withheld: GuardVerdict | None = None

    def act(self, kind: str, what: str) -> Action:
        """Keep the finding, and say what is done about it."""
        action = self.action_of(kind)
        if action is Action.ALLOW:
            return action
        verdict = GuardVerdict(kind, VERSION, action, 1.0, f"{kind}.{what}")
        if len(self.verdicts) < MOST_KEPT and verdict not in self.verdicts:
            self.verdicts.append(verdict)
        if action is Action.BLOCK:
            self.withheld = self.withheld or verdict
        return action

    def action_of(self, kind: str) -> Action:
        """A kind that the policy is silent about is treated as everywhere."""
        return self.policy.outputs.get(kind, DEFAULT.outputs[kind])

    def leaves(self, kind: str, what: str) -> bool:
        """Whether what was found may stay where it is."""
        return self.act(kind, what) in {Action.ALLOW, Action.WARN}
