"""OpenAI's chat completions on the wire: what is read of a request, and what an answer looks like."""

from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from askacme.lib.errors import InvalidParameter
from chat.conversations.passing import Said
from chat.conversations.schema import AnswerOut

MODEL = "askacme"
CREATED = 1767225600
"""Clients want to know when a model was made: on the first day of 2026."""

FILTERED = {"filtered", "output_filtered"}


class Part(Schema):
    type: str
    text: str = ""


class ChatMessage(Schema):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Raises InvalidParameter for what isn't text."""
        if not isinstance(self.content, list):
            return self.content or ""
        for part in self.content:
            if part.type not in {"text", "refusal"}:
                raise InvalidParameter(f"Only text can be read, no {part.type}.", param="messages")
        return "\n".join(part.text for part in self.content)


class StreamOptions(Schema):
    include_usage: bool = False


class CompletionIn(Schema):
    """What is read of a request. All else (temperature, max_tokens, stop, user, …) is accepted and changes nothing."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = 1
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None

    @property
    def wants_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage

    def check(self) -> None:
        """Raises InvalidParameter for a wish that would go unfulfilled without the client's noticing."""
        refused = {
            "n": (self.n not in {None, 1}, "There is one answer to a question: n must be 1."),
            "tools": (bool(self.tools), "Tools of the client can't be called; leave them out."),
            "functions": (bool(self.functions), "Functions of the client can't be called; leave them out."),
            "response_format": (
                (self.response_format or {}).get("type", "text") != "text",
                "Answers are text; leave response_format out.",
            ),
            "modalities": ((self.modalities or ["text"]) != ["text"], "Answers are text only."),
        }
        for param, (is_refused, message) in refused.items():
            if is_refused:
                raise InvalidParameter(message, param=param)

    def question(self) -> str:
        """The last message. Raises InvalidParameter when it isn't the user's."""
        last = self.messages[-1]
        if last.role != "user":
            raise InvalidParameter("The last message must be the user's question.", param="messages")
        return last.text

    def earlier(self) -> list[Said]:
        """The questions before it that were answered. What the system and tools say is left out: our rules hold."""
        said: list[Said] = []
        question = ""
        for message in self.messages[:-1]:
            if message.role == "user":
                question = message.text
            elif message.role == "assistant" and question.strip() and message.text.strip():
                said.append((question, message.text))
                question = ""
        return said


def model_object() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": CREATED, "owned_by": "askacme"}


def finish_reason(answer: AnswerOut) -> Literal["stop", "content_filter"]:
    return "content_filter" if answer.status in FILTERED else "stop"


def usage_of(answer: AnswerOut) -> dict[str, int]:
    read, written = answer.usage.input_tokens, answer.usage.output_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def extension(answer: AnswerOut, site: str) -> dict[str, Any]:
    """What OpenAI's format has no place for: the proof. `site` is our address, as the client knows it."""
    return {
        "request_id": answer.request_id,
        "status": answer.status,
        "confidence": answer.confidence,
        "proof": [sentence.model_dump(mode="json") for sentence in answer.proof],
        "sources": [source.model_dump() | {"url": site + source.url} for source in answer.sources],
    }


def completion(answer: AnswerOut, *, created: int, site: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.answer, "refusal": None}
    return {
        "id": f"chatcmpl-{answer.request_id}",
        "object": "chat.completion",
        "created": created,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason(answer)}],
        "usage": usage_of(answer),
        "askacme": extension(answer, site),
    }
