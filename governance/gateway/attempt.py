"""One call to one deployment: money held, words passed on, everything measured and put on record."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import Error, IntegrityError, transaction

from askacme.lib.errors import BudgetExceeded
from askacme.lib.threads import in_thread
from governance.gateway.faults import UNHEALTHY, Fault, ProviderFailed
from governance.gateway.models import Inference
from governance.gateway.money import estimate
from governance.gateway.money.holding import hold
from governance.gateway.money.services import release, settle
from governance.gateway.providers import pace
from governance.gateway.registry import Deployment
from governance.gateway.resilience import gate
from governance.gateway.types import Caller, Completed, CompletionRequest, Rate, StreamItem

logger = logging.getLogger(__name__)

CHARS_PER_TOKEN = 4
BEAT_MS = 20_000
PAUSE_WHEN_LIMITED_S = 2.0
"""After a 429 that does not say how long."""


@dataclass(slots=True)
class Attempt:
    """One try. Times in milliseconds from its start."""

    deployment: Deployment
    request: CompletionRequest
    caller: Caller
    expected_tokens: int
    number: int = 1
    reason: Inference.Reason = Inference.Reason.FIRST
    call_id: str = field(default_factory=lambda: uuid4().hex)
    waited_ms: int = 0
    strong_rate: Rate | None = None
    is_proven: bool = True
    on_fault: Callable[[Deployment, Fault], None] = lambda *_: None
    on_refusal: Callable[[Deployment], None] = lambda *_: None
    started: float = field(default_factory=time.perf_counter)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ttft_ms: int | None = None
    said_chars: int = 0
    usage: Completed | None = None
    status: Inference.Status = Inference.Status.CANCELLED
    failure: ProviderFailed | None = None
    hold_id: UUID | None = None
    next_beat_ms: int = BEAT_MS

    @property
    def cost_usd(self) -> Decimal | None:
        rate = self.deployment.rate
        return None if rate is None else rate.of(self.used)

    @property
    def used(self) -> Completed:
        """What the provider said it used; an estimate for a call that began and did not come to its end."""
        if self.usage is not None:
            return self.usage
        if self.failure is not None:
            return self.failure.usage or Completed(0, 0)
        sent = estimate.expected_input_tokens(self.request, self.deployment.model)
        return Completed(sent, -(-self.said_chars // CHARS_PER_TOKEN), is_estimated=True)

    def elapsed_ms(self) -> int:
        return round((time.perf_counter() - self.started) * 1000)

    async def items(self) -> AsyncGenerator[StreamItem]:
        """
        The provider's items.

        Raises ProviderFailed, and BudgetExceeded before anything was sent.
        """
        try:
            await self._hold_money()
        except BudgetExceeded:
            self.on_refusal(self.deployment)
            raise
        self.started = time.perf_counter()
        headers = {"X-Request-ID": self.caller.request_id, "X-Attempt": str(self.number)}
        stream = self.deployment.provider.stream(self.request, model=self.deployment.model, headers=headers)
        try:
            async with aclosing(stream) as items:
                async for item in items:
                    await self._note(item)
                    yield item
            if self.usage is None:
                raise ProviderFailed(Fault.BROKEN_OFF, "the stream ended without its last item")
            self.status = Inference.Status.SUCCESS
        except ProviderFailed as failure:
            self.status, self.failure = Inference.Status.ERROR, failure
            self.on_fault(self.deployment, failure.fault)
            raise
        finally:
            # whoever goes away takes nothing along: the row is written and the place given back all the same
            await asyncio.shield(asyncio.ensure_future(self._close()))

    async def _hold_money(self) -> None:
        if self.deployment.rate is None:
            return
        most = estimate.most_cost(self.request, self.deployment.rate)
        try:
            self.hold_id = await hold(
                caller=self.caller, provider=self.deployment.provider.name, model=self.deployment.model, most=most
            )
        except BaseException:
            await gate.report(self.deployment, self.call_id, "neither", refund=self.expected_tokens, is_retry=True)
            raise

    async def _note(self, item: StreamItem) -> None:
        if isinstance(item, Completed):
            self.usage = item
            return
        self.said_chars += len(item.text)
        if self.ttft_ms is None:
            self.ttft_ms = self.elapsed_ms()
            if not self.is_proven:
                await gate.began(self.deployment, self.call_id)
        if self.elapsed_ms() >= self.next_beat_ms:
            self.next_beat_ms = self.elapsed_ms() + BEAT_MS
            await gate.beat(self.deployment, self.call_id)

    async def _close(self) -> None:
        try:
            await in_thread(self._keep_of_whom_there_is)
        except Error:  # the answer is worth more than its row; its money is settled by the sweeper
            logger.exception("Attempt %d of %s is not on record", self.number, self.caller.request_id)
        finally:
            used = self.used
            await gate.report(
                self.deployment,
                self.call_id,
                self._outcome(),
                pause_s=self._pause_s(),
                refund=self.expected_tokens - used.input_tokens - used.output_tokens,
                is_retry=self.reason is Inference.Reason.RETRY,
            )

    def _outcome(self) -> gate.Outcome:
        if self.status is Inference.Status.SUCCESS:
            return "good"
        return "bad" if self.failure and self.failure.fault in UNHEALTHY else "neither"

    def _pause_s(self) -> float:
        """How long the provider wants to be left alone: it said so, or its headers show that nothing is left."""
        if self.failure is None:
            return pace.used_up_for_s(self.used.rate_limits)
        if self.failure.retry_after_s is not None:
            return self.failure.retry_after_s
        return PAUSE_WHEN_LIMITED_S if self.failure.fault is Fault.RATE_LIMITED else 0.0

    def _keep_of_whom_there_is(self) -> None:
        """As nobody's, when the person was erased meanwhile."""
        try:
            self._keep(self.caller.user_id)
        except IntegrityError:
            self._keep(None)

    def _keep(self, user_id: int | None) -> None:
        """The row and the money, in one transaction."""
        used, failure = self.used, self.failure
        with transaction.atomic():
            Inference.objects.create(
                request_id=UUID(self.caller.request_id),
                user_id=user_id,
                purpose=self.caller.purpose,
                attempt=self.number,
                reason=self.reason,
                provider=self.deployment.provider.name,
                model=self.deployment.model,
                tier=self.deployment.tier,
                prompt_version=self.caller.prompt_version,
                input_tokens=used.input_tokens,
                cached_input_tokens=min(used.cached_input_tokens, used.input_tokens),
                output_tokens=used.output_tokens,
                is_estimated=used.is_estimated,
                waited_ms=self.waited_ms,
                latency_ms=self.elapsed_ms(),
                ttft_ms=self.ttft_ms,
                cost_usd=self.cost_usd,
                all_strong_usd=self.strong_rate.of(used) if self.strong_rate else None,
                status=self.status,
                fault=failure.fault if failure else "",
                http_status=failure.status if failure else None,
                error=str(failure)[:300] if failure else "",
                rate_limits=dict(used.rate_limits) or (dict(failure.rate_limits) if failure else {}),
                created_at=self.started_at,
            )
            if self.hold_id and (cost := self.cost_usd):
                settle(self.hold_id, cost)
            elif self.hold_id:
                release(self.hold_id)
