"""The trace of an answer, over HTTP, for auditors and superusers."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from governance.access.auth import caller_of
from governance.audit.models import AuditedAnswer
from governance.audit.trace import AnswerTrace, Step, trace_of
from governance.gateway.models import Inference

router = Router(tags=["audit"])

WORDS = ("question", "standalone", "answer")


class VerdictOut(Schema):
    guard: str
    version: str = ""
    action: str
    score: float = 0
    code: str = ""
    signals: list[str] = []
    took_ms: float = 0


class CallOut(Schema):
    provider: str
    model: str
    tier: str
    attempt: int
    reason: str = Field(description="Why this attempt was made: first, retry, next, larger_window, stronger, hedge.")
    status: str
    fault: str
    http_status: int | None
    waited_ms: int
    ttft_ms: int | None
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None

    @classmethod
    def of(cls, call: Inference) -> Self:
        return cls.model_validate(call, from_attributes=True)


class StepOut(Schema):
    name: str
    kind: str = Field(description="stage or call.")
    start_ms: int
    ms: int
    verdicts: list[VerdictOut]
    details: dict[str, Any]
    call: CallOut | None

    @classmethod
    def of(cls, step: Step) -> Self:
        return cls(
            name=step.name,
            kind="call" if step.call else "stage",
            start_ms=step.start_ms,
            ms=step.ms,
            verdicts=[VerdictOut(**verdict) for verdict in step.verdicts],
            details=dict(step.details),
            call=CallOut.of(step.call) if step.call else None,
        )


class PassageOut(Schema):
    n: int | None = Field(default=None, description="Its mark in the answer; null when it was read and not cited.")
    title: str = ""
    version: int | None = None
    page: int | None = None
    start: int | None = None
    end: int | None = None
    quote: str | None = Field(default=None, description="null unless the glass was broken.")


class AnswerOut(Schema):
    asked_at: datetime
    ended_at: datetime
    status: str
    department: str
    kind: str
    route: str
    provider: str
    model: str
    prompt_version: str
    policy: str
    verdict: str
    verdict_code: str
    confidence: float | None
    input_tokens: int
    output_tokens: int
    latency_ms: int | None
    ttft_ms: int | None
    attempts: int
    question: str | None = Field(description="Masked; null unless the glass was broken.")
    standalone: str | None
    answer: str | None
    passages: list[PassageOut]

    @classmethod
    def of(cls, answer: AuditedAnswer, *, is_opened: bool) -> Self:
        told: dict[str, Any] = {name: getattr(answer, name) for name in cls.model_fields if name != "ended_at"}
        told |= {} if is_opened else dict.fromkeys(WORDS)
        told["passages"] = [passage if is_opened else {**passage, "quote": None} for passage in answer.passages]
        return cls.model_validate({**told, "ended_at": answer.at})


class TraceOut(Schema):
    request_id: UUID
    user: str | None
    is_opened: bool = Field(description="Whether you broke the glass: only then is there more than figures.")
    total_ms: int
    cost_usd: Decimal = Field(description="Of all attempts at models, those that failed included.")
    answer: AnswerOut | None = Field(description="null while none has ended.")
    steps: list[StepOut]

    @classmethod
    def of(cls, trace: AnswerTrace) -> Self:
        return cls(
            request_id=trace.request_id,
            user=trace.user.email if trace.user else None,
            is_opened=trace.is_opened,
            total_ms=trace.total_ms,
            cost_usd=trace.cost_usd,
            answer=AnswerOut.of(trace.answer, is_opened=trace.is_opened) if trace.answer else None,
            steps=[StepOut.of(step) for step in trace.steps],
        )


@router.get("/answers/{uuid:request_id}/trace", response=TraceOut, summary="The stages and model calls of an answer")
def answer_trace(request: HttpRequest, request_id: UUID) -> TraceOut:
    """For auditors and superusers; to everybody else there is no such answer."""
    return TraceOut.of(trace_of(reader=caller_of(request), request_id=request_id))
