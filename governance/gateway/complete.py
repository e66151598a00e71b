"""
The one door to every model.

A provider that fails before its first word is passed over for the next; one that fails after it ends the stream, for
words that were shown are never said twice. Each attempt leaves one `Inference` row, also when the caller goes away.
"""

import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from askacme.lib.errors import ModelUnavailable
from askacme.lib.threads import in_thread
from governance.gateway.models import Inference
from governance.gateway.registry import providers
from governance.gateway.types import Caller, Completed, CompletionRequest, Provider, StreamItem, TextDelta

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """The stream's last item: who answered, and what it used and cost (cost None: the model has no price)."""

    provider: str
    model: str
    usage: Completed
    cost_usd: Decimal | None


@dataclass(slots=True)
class Attempt:
    """One provider's try, measured. Times in milliseconds from the attempt's start."""

    provider: str
    model: str
    started: float = field(default_factory=time.perf_counter)
    ttft_ms: int | None = None
    usage: Completed | None = None
    cost_usd: Decimal | None = None
    status: Inference.Status = Inference.Status.CANCELLED
    error: str = ""

    def elapsed_ms(self) -> int:
        return round((time.perf_counter() - self.started) * 1000)


async def stream(
    request: CompletionRequest, *, caller: Caller, among: Sequence[Provider] | None = None
) -> AsyncGenerator[TextDelta | Served]:
    """
    The answer's text as it comes, then one `Served`.

    Raises ModelUnavailable when no provider could begin, or the one that began broke off.
    """
    reasons = []
    for provider in among or providers():
        attempt = Attempt(provider.name, provider.model_for(request))
        try:
            async with aclosing(_attempted(provider, request, attempt)) as items:
                async for item in items:
                    if isinstance(item, TextDelta):
                        yield item
            if attempt.usage is None:
                raise ModelUnavailable("the stream ended without its last item")
            attempt.status = Inference.Status.SUCCESS
            yield Served(attempt.provider, attempt.model, attempt.usage, attempt.cost_usd)
            return
        except ModelUnavailable as error:
            attempt.status, attempt.error = Inference.Status.ERROR, str(error)
            reasons.append(f"{provider.name}: {error}")
            logger.warning("Provider %s failed: %s", provider.name, error)
            if attempt.ttft_ms is not None:
                break
        finally:
            await in_thread(_keep, attempt, caller)
    raise ModelUnavailable("; ".join(reasons))


async def _attempted(provider: Provider, request: CompletionRequest, attempt: Attempt) -> AsyncGenerator[StreamItem]:
    """The provider's items, noting the first word's time and the usage."""
    async for item in provider.stream(request):
        if isinstance(item, Completed):
            attempt.usage = item
            attempt.cost_usd = provider.price(attempt.model, item)
        elif attempt.ttft_ms is None:
            attempt.ttft_ms = attempt.elapsed_ms()
        yield item


def _keep(attempt: Attempt, caller: Caller) -> None:
    usage = attempt.usage or Completed(0, 0)
    Inference.objects.create(
        request_id=UUID(caller.request_id),
        user_id=caller.user_id,
        purpose=caller.purpose,
        provider=attempt.provider,
        model=attempt.model,
        prompt_version=caller.prompt_version,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        latency_ms=attempt.elapsed_ms(),
        ttft_ms=attempt.ttft_ms,
        cost_usd=attempt.cost_usd,
        status=attempt.status,
        error=attempt.error[:300],
    )
