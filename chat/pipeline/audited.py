"""An ended answer as the audit record keeps it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from chat.conversations.models import Message
from chat.pipeline.values import Cited, Found
from governance.audit.models import AuditedAnswer
from governance.guardrails.policy import Policy
from knowledge.search.search import Hit

PLACES = Decimal("0.0001")


def audited(
    message: Message, *, user_id: int, policy: Policy, passages: Sequence[dict[str, Any]] = ()
) -> AuditedAnswer:
    """What `record_answer` takes, from a message that has ended."""
    return AuditedAnswer(
        request_id=message.request_id,
        at=message.finished_at or timezone.now(),
        asked_at=message.created_at,
        user_id=user_id,
        status=message.status,
        stopped=message.stopped,
        kind=message.kind,
        department=message.department,
        route=message.route,
        provider=message.provider,
        model=message.model,
        prompt_version=message.prompt_version,
        policy=policy.version[:80],
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
        passages=list(passages),
        stages=message.stages,
    )


def passages_of(given: Found, cited: Mapping[int, Cited]) -> list[dict[str, Any]]:
    """The passages behind marks, then those that were read and not cited: by place only, they prove no sentence."""
    behind = {place_of(each.hit) for each in cited.values()}
    others = (given.hit_of(passage.n) for passage in given.passages)
    return [
        *(cited_passage(n, each) for n, each in cited.items()),
        *(passage(hit, hit.start, hit.end) for hit in others if place_of(hit) not in behind),
    ]


def place_of(hit: Hit) -> tuple[int, int, int]:
    return hit.version_id, hit.start, hit.end


def cited_passage(n: int, cited: Cited) -> dict[str, Any]:
    """`start` and `end` count in the version's text; a passage that a person corrected is proved as a whole."""
    hit = cited.hit
    start, end = (0, hit.end - hit.start) if hit.is_corrected else (cited.start, cited.end)
    quote = hit.text[cited.start : cited.end]
    return passage(hit, hit.start + start, hit.start + end, n=n, quote=quote)


def passage(hit: Hit, start: int, end: int, *, n: int | None = None, quote: str = "") -> dict[str, Any]:
    return {
        "n": n,
        "document_id": hit.document_id,
        "version_id": hit.version_id,
        "version": hit.version,
        "title": hit.document,
        "path": hit.path,
        "page": hit.page,
        "heading": hit.heading,
        "start": start,
        "end": end,
        "is_corrected": hit.is_corrected,
        "quote": quote,
    }
