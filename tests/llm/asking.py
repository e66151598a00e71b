"""Asking a provider in a test: both formats alike, and how long it took."""

import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

import pytest

from governance.gateway.faults import ProviderFailed
from governance.gateway.providers.anthropic import AnthropicProvider
from governance.gateway.providers.openai import OpenAiProvider
from governance.gateway.providers.wire import Timeouts
from governance.gateway.types import ChatMessage, Completed, CompletionRequest, Provider, StreamItem, TextDelta

QUESTION = "How long is parental leave?"
REQUEST = CompletionRequest(
    messages=(ChatMessage("system", "Answer from the passages."), ChatMessage("user", QUESTION)), question=QUESTION
)
CALM = Timeouts(connect_s=10, first_token_s=10, idle_s=10, total_s=20)
QUICK = Timeouts(connect_s=0.3, first_token_s=0.8, idle_s=0.4, total_s=1.4)
FORMATS = ("openai", "anthropic")


def make_provider(
    wire_format: str,
    base_url: str,
    *,
    streams: bool = True,
    timeouts: Timeouts = CALM,
    api_key: str = "sk-test",
    model: str = "small",
    extra_headers: Mapping[str, str] | None = None,
) -> OpenAiProvider | AnthropicProvider:
    make = OpenAiProvider if wire_format == "openai" else AnthropicProvider
    return make(
        name="sim",
        base_url=base_url,
        models={"fast": model},
        api_key=api_key,
        timeouts=timeouts,
        streams=streams,
        extra_headers=extra_headers or {},
    )


@dataclass(frozen=True)
class Told:
    items: tuple[StreamItem, ...]
    took_s: float

    @property
    def text(self) -> str:
        return "".join(item.text for item in self.items if isinstance(item, TextDelta))

    @property
    def completed(self) -> Completed:
        (completed,) = [item for item in self.items if isinstance(item, Completed)]
        assert self.items[-1] is completed
        return completed


async def told(
    provider: Provider, request: CompletionRequest = REQUEST, *, headers: Mapping[str, str] | None = None
) -> Told:
    started = time.perf_counter()
    async with aclosing(provider.stream(request, model=provider.models["fast"], headers=headers or {})) as items:
        return Told(tuple([item async for item in items]), time.perf_counter() - started)


@dataclass(frozen=True)
class Failed:
    error: ProviderFailed
    shown: str
    """The text that came before."""
    took_s: float


async def failed(provider: Provider, request: CompletionRequest = REQUEST) -> Failed:
    started, shown = time.perf_counter(), ""
    try:
        async with aclosing(provider.stream(request, model=provider.models["fast"], headers={})) as items:
            async for item in items:
                shown += item.text if isinstance(item, TextDelta) else ""
    except ProviderFailed as error:
        return Failed(error, shown, time.perf_counter() - started)
    pytest.fail(f"it answered: {shown}")
