"""The way of one answer, from its `request_id`: its stages, its calls of models, and what each decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from askacme.lib.errors import NotFound
from governance.access.models import User
from governance.audit.answers import verdicts_in
from governance.audit.models import AuditedAnswer
from governance.disclosure.services import is_opened
from governance.gateway.models import Inference

SIGHT = "governance.view_auditedanswer"
FIGURES = (int, float)


@dataclass(frozen=True, slots=True)
class Step:
    """
    A stage, or one attempt at a model, in milliseconds from the moment the question was taken in.

    `details` are facts by name; those of a stage that are words are only there for a reader who may read the answer.
    """

    name: str
    start_ms: int
    ms: int
    verdicts: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    call: Inference | None = None

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.ms

    @property
    def waited_ms(self) -> int:
        """How much of it a call stood in line for."""
        return self.call.waited_ms if self.call else 0


@dataclass(frozen=True, slots=True)
class AnswerTrace:
    """
    All that is on record of one answer. `answer` None: no answer came of it, or not yet; there are calls nevertheless.

    `is_opened`: the reader broke the glass, so its words may be shown.
    """

    request_id: UUID
    answer: AuditedAnswer | None
    user: User | None
    steps: Sequence[Step]
    is_opened: bool

    @property
    def total_ms(self) -> int:
        ends = [step.end_ms for step in self.steps]
        return max([*ends, self.answer.latency_ms or 0 if self.answer else 0, 1])

    @property
    def calls(self) -> list[Inference]:
        return [step.call for step in self.steps if step.call]

    @property
    def cost_usd(self) -> Decimal:
        """Of all attempts, those that failed included."""
        return sum((call.cost_usd or Decimal(0) for call in self.calls), Decimal(0))


def trace_of(*, reader: User, request_id: UUID) -> AnswerTrace:
    """Raises NotFound: when there is nothing, and to whoever may not see traces."""
    if not reader.has_perm(SIGHT):
        raise NotFound("There is no such answer.")
    answer = AuditedAnswer.objects.filter(request_id=request_id).first()
    calls = list(Inference.objects.filter(request_id=request_id).order_by("created_at", "pk"))
    if answer is None and not calls:
        raise NotFound("There is no such answer.")
    opened = is_opened(reader=reader, request_id=request_id)
    began = answer.asked_at if answer else calls[0].created_at
    stages = [step_of(stage, is_opened=opened) for stage in (answer.stages if answer else ())]
    steps = sorted([*stages, *(step_of_call(call, began) for call in calls)], key=lambda step: step.start_ms)
    return AnswerTrace(request_id, answer, person_behind(answer or calls[0]), steps, opened)


def person_behind(row: AuditedAnswer | Inference) -> User | None:
    """None when nobody asked, or the account is gone: the record keeps its number only."""
    return User.objects.filter(pk=row.user_id).first() if row.user_id else None


def step_of(stage: Mapping[str, Any], *, is_opened: bool) -> Step:
    told = stage.get("detail", {})
    verdicts = list(verdicts_in(told))
    facts = {name: value for name, value in told.items() if not list(verdicts_in(value)) and value not in ("", [], {})}
    if not is_opened:
        facts = {name: value for name, value in facts.items() if isinstance(value, FIGURES)}
    return Step(stage["name"], stage["start_ms"], stage["ms"], verdicts, facts)


def step_of_call(call: Inference, began: datetime) -> Step:
    """From when it stood in line to its last word."""
    start_ms = round((call.created_at - began).total_seconds() * 1000) - call.waited_ms
    return Step(call.purpose, max(0, start_ms), call.waited_ms + call.latency_ms, call=call)
