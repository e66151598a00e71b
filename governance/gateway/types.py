"""
What travels through the gateway: frozen values, the same for every provider.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32 array of shape (n_texts, dimension), rows of length 1."""


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
class ChatMessage:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """
    What is asked of a model.

    `question` and `passages` repeat, in a structured form, what `messages` say in words: the built-in reader reads
    them, a language model gets the messages.
    """

    messages: tuple[ChatMessage, ...]
    question: str
    passages: tuple[Passage, ...] = ()
    tier: Literal["fast", "strong"] = "fast"
    temperature: float = 0.0
    max_output_tokens: int = 1024


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The last thing a provider says: what the answer used, and how sure the provider is (None: it doesn't know)."""

    input_tokens: int
    output_tokens: int
    confidence: float | None = None


StreamItem = TextDelta | Completed


class Provider(Protocol):
    """One way to reach a model. `stream` yields text as it comes and ends with exactly one `Completed`."""

    @property
    def name(self) -> str: ...

    def model_for(self, request: CompletionRequest, /) -> str: ...

    def price(self, model: str, usage: Completed, /) -> Decimal | None: ...

    def stream(self, request: CompletionRequest, /) -> AsyncGenerator[StreamItem]: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a model is called; every `Inference` row carries it."""

    request_id: str
    user_id: int | None = None
    purpose: str = "answer"
    prompt_version: str = ""
