"""
What the gateway adds to the time to the first token.

The same simulated provider, asked directly and through the gateway, in turns within one run: so many streams are open
at any time, each followed by the next. Beside it the gateway with a budget that every call has to hold money from.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import uuid4

import numpy as np
from django.conf import settings

from askacme.config import ProviderConfig
from askacme.lib.threads import in_thread
from governance.gateway import http
from governance.gateway.complete import stream
from governance.gateway.money.models import Budget
from governance.gateway.types import Caller, ChatMessage, CompletionRequest, TextDelta
from tests.bench import output

AT_ONCE = (1, 10, 100)
STREAMS = {1: 8, 10: 5, 100: 3}
"""One after the other, by how many there are at once; in each of `TURNS`."""
TURNS = 3
SIMULATOR = ("--first-token-ms", "200", "--tokens-per-s", "60", "--tokens", "30")
LENGTH_S = 0.7
QUESTION = "How many weeks of parental leave do I get? " * 20
REQUEST = CompletionRequest((ChatMessage("system", "Answer."), ChatMessage("user", QUESTION)), QUESTION)

Ask = Callable[[], Awaitable[float]]
"""Asks once, and gives the milliseconds to the first token."""


@contextmanager
def simulator(*options: str) -> Iterator[str]:
    """A provider in a process of its own, and its address."""
    command = (sys.executable, "-m", "tests.llm_simulator", *options)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def providers(*configs: dict[str, Any]) -> Iterator[None]:
    """The gateway asks these, and no others."""
    before = settings.ASKACME
    settings.ASKACME = before.model_copy(update={"llm_providers": tuple(ProviderConfig(**each) for each in configs)})
    try:
        yield
    finally:
        settings.ASKACME = before


async def directly(base_url: str) -> float:
    body = {
        "model": "small",
        "messages": [{"role": message.role, "content": message.content} for message in REQUEST.messages],
        "stream": True,
    }
    began, first = time.perf_counter(), 0.0
    async with http.client().stream("POST", f"{base_url}/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if not first and '"content"' in line:
                first = time.perf_counter() - began
    return 1000 * first


async def through_the_gateway() -> float:
    began, first = time.perf_counter(), 0.0
    async with aclosing(stream(REQUEST, caller=Caller(str(uuid4()), purpose="bench"))) as items:
        async for item in items:
            if not first and isinstance(item, TextDelta):
                first = time.perf_counter() - began
    return 1000 * first


async def measure(ways: dict[str, Ask], at_once: int) -> dict[str, list[float]]:
    """Every way in turn, so that a noisy moment meets them all."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(TURNS + 1):
        for name, ask in ways.items():
            times = await asyncio.gather(*(one_after_the_other(ask, n / at_once, at_once) for n in range(at_once)))
            if turn:  # the first one opens connections
                took[name] += chain.from_iterable(times)
    return took


async def one_after_the_other(ask: Ask, share: float, at_once: int) -> list[float]:
    """Starts spread over a stream's length, as people's do."""
    await asyncio.sleep(share * LENGTH_S)
    return [await ask() for _ in range(STREAMS[at_once])]


async def table() -> str:
    rows = []
    with simulator(*SIMULATOR) as base_url:
        config = {
            "name": "bench",
            "kind": "openai",
            "base_url": base_url,
            "models": {"fast": "small"},
            "prices": {"small": {"input": "1", "output": "5"}},
        }
        with providers(config):
            for at_once in AT_ONCE:
                ways: dict[str, Ask] = {"direct": lambda: directly(base_url), "gateway": through_the_gateway}
                rows += rows_of(await measure(ways, at_once), at_once)
            budget = await in_thread(Budget.objects.create, scope="company", period="month", limit_usd=Decimal(1_000))
            for at_once in AT_ONCE:
                ways = {"direct": lambda: directly(base_url), "gateway, with a budget": through_the_gateway}
                rows += rows_of(await measure(ways, at_once), at_once)[1:]
            await in_thread(budget.delete)
    head = ("way", "streams", "n", "first token p50 ms", "p95 ms", "added p50 ms", "added p95 ms")
    return output.table("The gateway's part in the time to the first token", head, rows)


def rows_of(took: dict[str, list[float]], at_once: int) -> list[tuple[object, ...]]:
    base = np.percentile(took["direct"], [50, 95])
    rows: list[tuple[object, ...]] = []
    for name, times in took.items():
        found = np.percentile(times, [50, 95])
        added = ("", "") if name == "direct" else tuple(f"{value:+.1f}" for value in found - base)
        rows.append((name, at_once, len(times), *(f"{value:.1f}" for value in found), *added))
    return rows
