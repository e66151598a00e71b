"""An answer as the API gives it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, Self

from django.urls import reverse
from pydantic import BaseModel

from chat.conversations.models import Citation, Message
from chat.guarding.seen import filtered
from chat.proof.values import State
from governance.access.audience import Audience
from governance.guardrails.pii import restore


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


class FilterOut(BaseModel):
    """What a guard found in the question or the answer. `code` is stable, `message` is for people."""

    guard: str
    code: str
    message: str

    @classmethod
    def of(cls, message: Message) -> "FilterOut | None":
        found = filtered(message)
        return cls(guard=found.verdict.guard, code=found.verdict.code, message=found.notice) if found else None


class Usage(BaseModel):
    input_tokens: int
    output_tokens: int


class AnswerOut(BaseModel):
    """
    One answer. `cost_usd` is null when the model that answered has no price, `filter` when no guard found anything.
    """

    request_id: str
    conversation_id: str
    question: str
    status: str
    answer: str
    sources: list[Source]
    proof: list[SentenceOut] = []
    filter: FilterOut | None = None
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
            filter=FilterOut.of(message),
            confidence=round(message.confidence or 0.0, 3),
            cached=None,
            model=message.model,
            prompt_version=message.prompt_version,
            usage=Usage(input_tokens=message.input_tokens, output_tokens=message.output_tokens),
            cost_usd=None if message.cost_usd is None else f"{message.cost_usd.quantize(Decimal('0.000001')):f}",
            latency_ms=message.latency_ms,
            ttft_ms=message.ttft_ms,
        )

    def unveiled(self, values: Mapping[str, str]) -> Self:
        """The same for the person who asked: with the values behind its placeholders, and its sentences' new places."""
        if not values:
            return self
        moved = [
            sentence.model_copy(
                update={
                    "start": place(self.answer, sentence.start, values),
                    "end": place(self.answer, sentence.end, values),
                }
            )
            for sentence in self.proof
        ]
        told = {"question": restore(self.question, values), "answer": restore(self.answer, values)}
        return self.model_copy(update={**told, "proof": moved})


def place(text: str, at: int, values: Mapping[str, str]) -> int:
    """Where a character of the text stands once its placeholders are restored."""
    return len(restore(text[:at], values))


def answer_object(message: Message, audience: Audience) -> dict[str, Any]:
    """
    The JSON object of `POST /api/v1/ask`, of the `done` event, and of `manage.py ask --json`.

    With those of its sources that the audience of the person who asked may see now.
    """
    citations = Citation.objects.open_to(audience).filter(message=message)
    return AnswerOut.of(message, list(citations)).model_dump(mode="json")
