"""A provider without a network: says its words, then completes or fails, in the order of its script."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.registry import Allowance, Deployment
from governance.gateway.types import Completed, CompletionRequest, Finish, Rate, StreamItem, TextDelta, Tier, ToolCall


@dataclass(frozen=True)
class Turn:
    """One answer: after `until` its words, then `fault`, or the end; `is_cut` leaves the last item out."""

    words: tuple[str, ...] = ()
    fault: Fault | None = None
    retry_after_s: float | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    usage: tuple[int, int] = (10, 2)
    until: asyncio.Event | None = None
    is_cut: bool = False


@dataclass
class Scripted:
    """The last turn of the script goes on for ever. `asked` keeps the requests."""

    name: str
    script: list[Turn] = field(default_factory=lambda: [Turn(("16 ", "weeks"))])
    models: Mapping[Tier, str] = field(default_factory=dict)
    asked: list[CompletionRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.models = self.models or {"fast": f"{self.name}-model"}

    async def stream(
        self, request: CompletionRequest, *, model: str, headers: Mapping[str, str]
    ) -> AsyncGenerator[StreamItem]:
        assert model in self.models.values()
        assert headers["X-Request-ID"]
        self.asked.append(request)
        turn = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if turn.until:
            await turn.until.wait()
        for word in turn.words:
            yield TextDelta(word)
        if turn.fault:
            raise ProviderFailed(turn.fault, "broken on purpose", retry_after_s=turn.retry_after_s)
        if turn.is_cut:
            return
        finish: Finish = "tool_calls" if turn.tool_calls else "stop"
        yield Completed(*turn.usage, tool_calls=turn.tool_calls, finish=finish)


def says(*words: str) -> list[Turn]:
    return [Turn(words)]


def fails(fault: Fault = Fault.OVERLOADED, *words: str, retry_after_s: float | None = None) -> list[Turn]:
    return [Turn(words, fault, retry_after_s)]


def deployment(
    name: str,
    *,
    tier: Tier = "fast",
    context_tokens: int | None = None,
    allowance: Allowance | None = None,
    price: str = "",
) -> Deployment:
    rate = Rate(Decimal(price), Decimal(price), Decimal(price), Decimal(price)) if price else None
    return Deployment(
        Scripted(name), tier, f"{name}-model", allowance or Allowance(), context_tokens=context_tokens, rate=rate
    )
