"""
What travels through the gateway: frozen values, the same for every provider.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32 array of shape (n_texts, dimension), rows of length 1."""

Tier = Literal["fast", "strong", "backup"]
"""Cost tier of a model; `backup` is asked only when the others can't answer."""

JsonSchema = Mapping[str, Any]


class Embed(Protocol):
    """Turns texts into vectors; the cosine of two rows is their dot product."""

    def __call__(self, texts: Sequence[str]) -> Vectors: ...


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of a document that an answer may quote as `[n]`."""

    n: int
    title: str
    heading: str
    text: str
    score: float
    """Retrieval's score of the passage; higher is better, comparable within one search only."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that a model may call; `parameters` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    parameters: JsonSchema


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to run a tool. `arguments` is what the model wrote: JSON if it did well."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """`tool_calls` stand in an assistant's message; `tool_call_id` says which of them a tool's message answers."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class OutputSchema:
    """The answer must be one JSON value of this schema."""

    name: str
    schema: JsonSchema


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """
    What is asked of a model.

    `question` and `passages` repeat, in a structured form, what `messages` say in words: the built-in reader reads
    them, a language model gets the messages. System messages and `tools` are the part that stays the same from
    question to question: they go first, so that providers can cache them.
    """

    messages: tuple[ChatMessage, ...]
    question: str
    passages: tuple[Passage, ...] = ()
    tier: Tier = "fast"
    temperature: float = 0.0
    max_output_tokens: int = 1024
    tools: tuple[ToolSpec, ...] = ()
    output: OutputSchema | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


Finish = Literal["stop", "length", "tool_calls"]


@dataclass(frozen=True, slots=True)
class Completed:
    """
    The last thing a provider says: what the answer used, and how sure the provider is (None: it doesn't know).

    `input_tokens` counts all of the input; `cached_input_tokens` and `cache_write_tokens` are the parts of it that
    were read from, and written to, the provider's prompt cache. `is_estimated`: the provider sent no usage.
    `rate_limits` holds its `x-ratelimit-*` headers, names in lower case without the prefix.
    """

    input_tokens: int
    output_tokens: int
    confidence: float | None = None
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    tool_calls: tuple[ToolCall, ...] = ()
    finish: Finish = "stop"
    is_estimated: bool = False
    rate_limits: Mapping[str, str] = field(default_factory=dict)


StreamItem = TextDelta | Completed


class Provider(Protocol):
    """
    One way to reach models. `stream` yields text as it comes and ends with exactly one `Completed`.

    It makes one call and raises `faults.ProviderFailed` when that goes wrong, whatever the reason; retries, other
    providers, limits and money are the gateway's. `headers` are sent with the call.
    """

    @property
    def name(self) -> str: ...

    @property
    def models(self) -> Mapping[Tier, str]:
        """The provider's own names of its models; never empty."""
        ...

    def stream(
        self, request: CompletionRequest, /, *, model: str, headers: Mapping[str, str]
    ) -> AsyncGenerator[StreamItem]: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a model is called; every `Inference` row carries it."""

    request_id: str
    user_id: int | None = None
    group_ids: tuple[int, ...] = ()
    purpose: str = "answer"
    prompt_version: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """Price in US dollars per million tokens; cached input is read from, cache writes go to the prompt cache."""

    input: Decimal
    output: Decimal
    cached_input: Decimal
    cache_write: Decimal

    def of(self, usage: Completed) -> Decimal:
        plain = usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens
        dollars = (
            max(0, plain) * self.input
            + usage.cached_input_tokens * self.cached_input
            + usage.cache_write_tokens * self.cache_write
            + usage.output_tokens * self.output
        )
        return dollars / 1_000_000
