"""Answers on record, and calls of models, for the tests of the audit screens."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from governance.access.models import User
from governance.audit.models import AuditedAnswer
from governance.gateway.models import Inference

BLOCKED = {
    "guard": "injection",
    "version": "3",
    "action": "block",
    "score": 0.97,
    "code": "injection.override",
    "signals": ["pattern"],
    "took_ms": 1.4,
}
STAGES = [
    {"name": "screen", "start_ms": 0, "ms": 12, "detail": {"policy": "default@3", "guards": [BLOCKED]}},
    {"name": "retrieve", "start_ms": 12, "ms": 40, "detail": {"found": 8, "searched_for": "merger plans"}},
    {"name": "respond", "start_ms": 52, "ms": 900},
]
PASSAGE = {
    "n": 1,
    "document_id": 1,
    "version_id": 2,
    "version": 4,
    "title": "Travel policy",
    "path": "travel.md",
    "page": 7,
    "heading": "Hotels",
    "start": 10,
    "end": 52,
    "quote": "Hotels up to 120 euros a night.",
}


def make_answer(user: User | None, **overrides: Any) -> AuditedAnswer:
    given = {
        "request_id": uuid4(),
        "asked_at": timezone.now() - timedelta(seconds=1),
        "status": "success",
        "question": "What may a hotel cost?",
        "answer": "120 euros a night. [1]",
        "latency_ms": 1000,
        "stages": STAGES,
        "passages": [PASSAGE],
    }
    answer: AuditedAnswer = AuditedAnswer.objects.create(user=user, **given | overrides)
    return answer


def make_call(request_id: UUID, **overrides: Any) -> Inference:
    given = {
        "purpose": "answer",
        "provider": "acme-ai",
        "model": "acme-1",
        "status": "success",
        "input_tokens": 1200,
        "output_tokens": 80,
        "latency_ms": 300,
        "cost_usd": Decimal("0.002"),
    }
    call: Inference = Inference.objects.create(request_id=request_id, **given | overrides)
    return call
