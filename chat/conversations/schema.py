"""An answer as the API gives it."""

from decimal import Decimal
from typing import Any, Literal

from django.urls import reverse
from pydantic import BaseModel

from chat.conversations.models import Citation, Message
from chat.proof.values import State
from governance.access.audience import Audience


class Source(BaseModel):
    """The passage behind the mark `[n]`. `warning` says why to be careful with it: past review, no longer in force."""

    n: int
    document: str
    path: str
    version: int
    page: int | None
    heading: str
    quote: str
    url: str
    warning: str | None

    @classmethod
    def of(cls, citation: Citation) -> "Source":
        version = citation.version
        return cls(
            n=citation.n,
            document=version.document.title,
            path=version.document.path,
            version=version.number,
            page=citation.page,
            heading=citation.heading,
            quote=citation.quote,
            url=reverse("source", args=[citation.message_id, citation.n]),
            warning=citation.warning or None,
        )


class SentenceOut(BaseModel):
    """
    Characters `start` to `end` of the answer, and whether the passages it cites prove them.

    `state`: `proved`, `unproved` (`reason` says why), or `plain`, with nothing to prove.
    """

    index: int
    start: int
    end: int
    state: State
    cites: list[int]
    reason: str


class Usage(BaseModel):
    input_tokens: int
    output_tokens: int


class AnswerOut(BaseModel):
    """One answer. `cost_usd` is null when the model that answered has no price."""

    request_id: str
    conversation_id: str
    question: str
    status: str
    answer: str
    sources: list[Source]
    proof: list[SentenceOut] = []
    confidence: float
    cached: Literal["exact", "semantic", "approved"] | None
    model: str
    prompt_version: str
    usage: Usage
    cost_usd: str | None
    latency_ms: int | None
    ttft_ms: int | None

    @classmethod
    def of(cls, message: Message, citations: list[Citation]) -> "AnswerOut":
        return cls(
            request_id=str(message.request_id),
            conversation_id=str(message.conversation_id),
            question=message.question,
            status=message.status,
            answer=message.answer,
            sources=[Source.of(citation) for citation in citations],
            proof=[SentenceOut.model_validate(sentence) for sentence in message.proof],
            confidence=round(message.confidence or 0.0, 3),
            cached=None,
            model=message.model,
            prompt_version=message.prompt_version,
            usage=Usage(input_tokens=message.input_tokens, output_tokens=message.output_tokens),
            cost_usd=None if message.cost_usd is None else f"{message.cost_usd.quantize(Decimal('0.000001')):f}",
            latency_ms=message.latency_ms,
            ttft_ms=message.ttft_ms,
        )


def answer_object(message: Message, audience: Audience) -> dict[str, Any]:
    """
    The JSON object of `POST /api/v1/ask`, of the `done` event, and of `manage.py ask --json`.

    With those of its sources that the audience of the person who asked may see now.
    """
    citations = Citation.objects.open_to(audience).filter(message=message)
    return AnswerOut.of(message, list(citations)).model_dump(mode="json")
