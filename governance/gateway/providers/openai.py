"""
Any server that speaks OpenAI's chat completions, streamed.

Wire format: https://platform.openai.com/docs/api-reference/chat-streaming
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
from httpx_sse import EventSource, SSEError

from askacme.lib.errors import ModelUnavailable
from governance.gateway import http
from governance.gateway.types import Completed, CompletionRequest, StreamItem, TextDelta

MILLION = Decimal(1_000_000)
CHARS_PER_TOKEN = 4
ERROR_CHARS = 200


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    input: Decimal
    output: Decimal

    def of(self, usage: Completed) -> Decimal:
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / MILLION


@dataclass(frozen=True, slots=True)
class OpenAiProvider:
    """A model behind an OpenAI-compatible `base_url` (the part before `/chat/completions`)."""

    name: str
    base_url: str
    models: Mapping[str, str]
    api_key: str = field(default="", repr=False)
    prices: Mapping[str, Price] = field(default_factory=dict)
    timeout_s: float = 60

    def model_for(self, request: CompletionRequest) -> str:
        return self.models.get(request.tier) or self.models["fast"]

    def price(self, model: str, usage: Completed) -> Decimal | None:
        return self.prices[model].of(usage) if model in self.prices else None

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamItem]:
        """
        Text as it comes, then the usage.

        A provider that sends no usage is counted at four characters per token.

        Raises ModelUnavailable, naming what happened.
        """
        text: list[str] = []
        usage: dict[str, Any] = {}
        async for chunk in self._chunks(self._body(request)):
            usage = chunk.get("usage") or usage
            if piece := delta_text(chunk):
                text.append(piece)
                yield TextDelta(piece)
        sent = sum(len(message.content) for message in request.messages)
        yield Completed(
            input_tokens=usage.get("prompt_tokens", sent // CHARS_PER_TOKEN),
            output_tokens=usage.get("completion_tokens", len("".join(text)) // CHARS_PER_TOKEN),
        )

    def _body(self, request: CompletionRequest) -> dict[str, Any]:
        return {
            "model": self.model_for(request),
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "temperature": request.temperature,
            "max_tokens": request.max_output_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    async def _chunks(self, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        timeout = httpx.Timeout(self.timeout_s, connect=http.CONNECT_TIMEOUT_S)
        url = f"{self.base_url.rstrip('/')}/chat/completions"
        try:
            async with http.client().stream("POST", url, json=body, headers=headers, timeout=timeout) as response:
                if response.status_code != httpx.codes.OK:
                    raise ModelUnavailable(f"HTTP {response.status_code}: {await error_text(response)}")
                async for event in EventSource(response).aiter_sse():
                    if event.data == "[DONE]":
                        return
                    yield chunk_of(event.data)
        except httpx.TimeoutException as error:
            raise ModelUnavailable(f"no answer within {self.timeout_s:g} s") from error
        except (httpx.HTTPError, SSEError) as error:
            raise ModelUnavailable(f"{type(error).__name__}: {error}"[:ERROR_CHARS]) from error


def chunk_of(data: str) -> dict[str, Any]:
    """One streamed chunk; an error object in mid-stream is an error."""
    try:
        chunk = json.loads(data)
    except ValueError as error:
        raise ModelUnavailable("malformed JSON in the stream") from error
    if not isinstance(chunk, dict):
        raise ModelUnavailable("malformed chunk in the stream")
    if "error" in chunk:
        raise ModelUnavailable(f"error in the stream: {str(chunk['error'])[:ERROR_CHARS]}")
    return chunk


def delta_text(chunk: dict[str, Any]) -> str:
    choices = chunk.get("choices") or [{}]
    return (choices[0].get("delta") or {}).get("content") or ""


async def error_text(response: httpx.Response) -> str:
    body = (await response.aread()).decode(errors="replace")
    return " ".join(body.split())[:ERROR_CHARS]
