"""What guards say, and what is made of it: frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from governance.gateway.types import Vectors


class Action(StrEnum):
    """What a policy does about what a guard found, the mildest first."""

    ALLOW = "allow"
    WARN = "warn"
    MASK = "mask"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        return list(Action).index(self)


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    What a guard found in a text, whatever a policy then makes of it.

    `score` is 0..1, calibrated: of texts judged 0.9 some nine in ten are what the guard looks for. `code` is the stable
    reason, `<guard>.<what>`, empty when there is nothing; `signals` say what it leans on.
    """

    score: float = 0.0
    code: str = ""
    signals: tuple[str, ...] = ()


class Guard(Protocol):
    """
    Looks for one kind of harm in a question. Pure: the same text gives the same judgement.

    `vector` is the question's embedding, float32 of shape (1, dimension). `version` changes with what it says.
    """

    name: str
    version: str

    def judge(self, text: str, vector: Vectors) -> Judgement: ...


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """One guard's judgement under one policy."""

    guard: str
    version: str
    action: Action
    score: float = 0.0
    code: str = ""
    signals: tuple[str, ...] = ()
    took_ms: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "guard": self.guard,
            "version": self.version,
            "action": str(self.action),
            "score": round(self.score, 4),
            "code": self.code,
            "signals": list(self.signals),
            "took_ms": round(self.took_ms, 2),
        }


@dataclass(frozen=True, slots=True)
class Inspected:
    """All verdicts on one question. The strictest decides."""

    verdicts: tuple[GuardVerdict, ...] = ()
    policy: str = ""

    @property
    def decisive(self) -> GuardVerdict | None:
        """The verdict that people are told about; None when all allow."""
        found = [verdict for verdict in self.verdicts if verdict.action is not Action.ALLOW]
        return max(found, key=lambda verdict: (verdict.action.severity, verdict.score), default=None)

    @property
    def action(self) -> Action:
        return self.decisive.action if self.decisive else Action.ALLOW


def strictest(actions: Sequence[Action]) -> Action:
    return max(actions, key=lambda action: action.severity, default=Action.ALLOW)
