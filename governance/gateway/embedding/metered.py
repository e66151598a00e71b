"""
One call to an endpoint, with the money for it set aside and its row kept.

Inside somebody's transaction (a person corrects a passage) nothing is set aside, for the budget's row would stay locked
while the server is asked; and the row goes with the transaction when that is rolled back.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from askacme.lib.errors import BudgetExceeded
from governance.gateway.embedding.endpoint import Answer, Endpoint, ask
from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.models import Inference
from governance.gateway.money.prices import rate_of
from governance.gateway.money.room import BudgetBusy
from governance.gateway.money.services import release, reserve, settle
from governance.gateway.types import Caller, Vectors

PROVIDER, PURPOSE = "embeddings", "embedding"
"""How the calls are named on record. Prices and budgets may be for this provider or purpose."""

MILLION = 1_000_000
MOST_ADDED = 8
"""Tokens that a model puts around a text."""


@dataclass(slots=True)
class Attempt:
    """
    A try to have texts embedded; `number` counts those of one `request_id`.

    `price` is in US dollars per million tokens, None is the price table's. `count` estimates tokens where the server
    doesn't say how many it read.
    """

    endpoint: Endpoint
    texts: Sequence[str]
    request_id: UUID
    number: int
    price: Decimal | None
    count: Callable[[Sequence[str]], list[int]]
    began: float = field(default_factory=time.perf_counter)
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        if self.price is None:
            rate = rate_of(PROVIDER, self.endpoint.model, on=self.began_at.date())
            self.price = rate.input if rate else None

    def vectors(self, timeout_s: float) -> Vectors:
        """Raises ProviderFailed."""
        hold_id = self._set_aside()
        headers = {"X-Request-ID": str(self.request_id), "X-Attempt": str(self.number)}
        try:
            answer = ask(self.endpoint, self.texts, headers=headers, timeout_s=timeout_s)
        except ProviderFailed as failure:
            with transaction.atomic():
                self._keep_failure(failure)
                if hold_id:
                    release(hold_id)
            raise
        with transaction.atomic():
            cost = self._keep_success(answer)
            if hold_id:
                settle(hold_id, cost or Decimal(0))
        return answer.vectors

    def _set_aside(self) -> UUID | None:
        """What the call costs at most: a token has at least one byte. Raises ProviderFailed if that isn't there."""
        if not self.price or connection.in_atomic_block:
            return None
        most_tokens = sum(len(text.encode(errors="replace")) + MOST_ADDED for text in self.texts)
        caller = Caller(str(self.request_id), purpose=PURPOSE)
        most = most_tokens * self.price / MILLION
        try:
            return reserve(caller=caller, provider=PROVIDER, model=self.endpoint.model, most=most)
        except BudgetBusy as busy:  # money that calls under way hold may come back
            raise ProviderFailed(Fault.RATE_LIMITED, str(busy)) from busy
        except BudgetExceeded as exceeded:
            raise ProviderFailed(Fault.QUOTA_EXHAUSTED, str(exceeded)) from exceeded

    def _keep_success(self, answer: Answer) -> Decimal | None:
        tokens = answer.tokens or sum(self.count(self.texts))
        cost = None if self.price is None else tokens * self.price / MILLION
        self._keep(
            status=Inference.Status.SUCCESS,
            input_tokens=tokens,
            is_estimated=not answer.tokens,
            cost_usd=cost,
            rate_limits=dict(answer.rate_limits),
        )
        return cost

    def _keep_failure(self, failure: ProviderFailed) -> None:
        self._keep(
            status=Inference.Status.ERROR,
            fault=failure.fault,
            http_status=failure.status,
            error=str(failure)[:300],
            rate_limits=dict(failure.rate_limits),
        )

    def _keep(self, **outcome: object) -> None:
        Inference.objects.create(
            request_id=self.request_id,
            purpose=PURPOSE,
            attempt=self.number,
            reason=Inference.Reason.FIRST if self.number == 1 else Inference.Reason.RETRY,
            provider=PROVIDER,
            model=self.endpoint.model,
            latency_ms=round((time.perf_counter() - self.began) * 1000),
            created_at=self.began_at,
            **outcome,
        )
