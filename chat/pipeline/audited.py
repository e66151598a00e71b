"""An ended answer as the audit record keeps it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from chat.conversations.models import Message
from chat.pipeline.values import Asked, Cited
from governance.audit.models import AuditedAnswer

PLACES = Decimal("0.0001")


def audited(message: Message, asked: Asked | None = None, cited: Mapping[int, Cited] | None = None) -> AuditedAnswer:
    """What `record_answer` takes, from a message that has ended; `asked` is unknown of one that broke off."""
    return AuditedAnswer(
        request_id=message.request_id,
        at=message.finished_at or timezone.now(),
        asked_at=message.created_at,
        user_id=asked.user_id if asked else message.conversation.user_id,
        status=message.status,
        stopped=message.stopped,
        kind=message.kind,
        department=message.department,
        route=message.route,
        provider=message.provider,
        model=message.model,
        prompt_version=message.prompt_version,
        policy=asked.policy.version[:80] if asked else "",
        confidence=None if message.confidence is None else Decimal(message.confidence).quantize(PLACES),
        input_tokens=message.input_tokens,
        output_tokens=message.output_tokens,
        cost_usd=message.cost_usd,
        latency_ms=message.latency_ms,
        ttft_ms=message.ttft_ms,
        attempts=message.attempts,
        question=message.question,
        standalone=message.standalone,
        answer=message.answer,
        passages=[passage_of(n, it) for n, it in (cited or {}).items()],
        stages=message.stages,
    )


def passage_of(n: int, cited: Cited) -> dict[str, Any]:
    """`start` and `end` count in the version's text; a passage that a person corrected is proved as a whole."""
    hit = cited.hit
    start, end = (0, hit.end - hit.start) if hit.is_corrected else (cited.start, cited.end)
    return {
        "n": n,
        "document_id": hit.document_id,
        "version_id": hit.version_id,
        "version": hit.version,
        "title": hit.document,
        "path": hit.path,
        "page": hit.page,
        "heading": hit.heading,
        "start": hit.start + start,
        "end": hit.start + end,
        "quote": hit.text[cited.start : cited.end],
    }
