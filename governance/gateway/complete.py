"""
The one door to every language model.

A call goes to the first deployment that may be asked (breaker, limits, budget), and on to others when it fails; see
`resilience/course.py` for the order. Before the first word the switch is invisible. After it, what was shown stays,
and the next model goes on from there: `resilience/joint.py`. Each attempt leaves one `Inference` row, also when the
caller goes away.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import uuid4

from askacme.lib.errors import BudgetExceeded, ModelUnavailable
from governance.gateway.attempt import Attempt
from governance.gateway.faults import ProviderFailed
from governance.gateway.models import Inference
from governance.gateway.money import estimate
from governance.gateway.providers import traits
from governance.gateway.registry import Deployment, deployments, deployments_at, plan
from governance.gateway.resilience import gate
from governance.gateway.resilience.course import Choice, Course, Reason
from governance.gateway.resilience.hedge import hedged
from governance.gateway.resilience.joint import Joint, continuation
from governance.gateway.types import Caller, Completed, CompletionRequest, Provider, StreamItem, TextDelta, Tier

logger = logging.getLogger(__name__)

MOST_IN_LINE_S = 30.0
"""How long a call stands in line for a provider whose limits are reached."""

LOOK_AGAIN_S = 0.25

PROVE_WITHIN_S = 0.5
"""How long a call waits for the first ones to show which deployment lives, when nobody knows of any."""

GIVE_UP_S = 45.0
"""After so long nobody is asked once more."""


@dataclass(frozen=True, slots=True)
class InLine:
    """The call waits until a provider's limits allow it; it has this place in the line, from 1."""

    place: int


@dataclass(frozen=True, slots=True)
class Served:
    """
    The stream's last item: who answered, and what it used and cost (cost None: the model has no price).

    `cost_usd` is the whole call's, attempts that broke off included. `was_resumed`: another model began the text.
    """

    provider: str
    model: str
    usage: Completed
    cost_usd: Decimal | None
    tier: Tier = "fast"
    was_resumed: bool = False


GatewayItem = TextDelta | InLine | Served


async def stream(
    request: CompletionRequest, *, caller: Caller, among: Sequence[Provider] | None = None
) -> AsyncGenerator[GatewayItem]:
    """
    The answer's text as it comes, then one `Served`.

    Raises ModelUnavailable when nobody could begin or end the answer, and BudgetExceeded.
    """
    known = await (deployments() if among is None else deployments_at(among))
    async with aclosing(_Call(request, caller, known).items()) as items:
        async for item in items:
            yield item


async def complete(
    request: CompletionRequest, *, caller: Caller, among: Sequence[Provider] | None = None
) -> tuple[str, Served]:
    """The whole text at once. Raises as `stream` does."""
    text = ""
    async with aclosing(stream(request, caller=caller, among=among)) as items:
        async for item in items:
            if isinstance(item, Served):
                return text, item
            if isinstance(item, TextDelta):
                text += item.text
    raise ModelUnavailable("the stream ended without its last item")


class _Call:
    """One request on its way through the deployments."""

    def __init__(self, request: CompletionRequest, caller: Caller, known: Sequence[Deployment]) -> None:
        self._request = request
        self._caller = caller
        self._course = Course(request.tier, known)
        self._known = known
        self._call_id = uuid4().hex
        self._began = time.monotonic()
        self._attempts: list[Attempt] = []
        self._shown = ""
        self._refusal: BudgetExceeded | None = None
        self._expected = dict[str, int]()
        self._verdict = gate.Verdict("go")

    async def items(self) -> AsyncGenerator[GatewayItem]:
        while True:
            choice: Choice | None = None
            async for step in self._choose():
                if isinstance(step, InLine):
                    yield step
                else:
                    choice = step
            if choice is None:
                await self._pause_before_next_round()
                continue
            try:
                async with aclosing(self._texts(choice)) as texts:
                    async for text in texts:
                        self._shown += text
                        yield TextDelta(text)
            except ProviderFailed as failure:
                logger.warning("%s failed: %s: %s", choice.deployment.id, failure.fault, failure)
                continue
            except BudgetExceeded as exceeded:
                if not exceeded.is_provider_only:
                    raise
                self._refusal = exceeded
                continue
            yield self._served()
            return

    # Whom to ask

    async def _choose(self) -> AsyncGenerator[Choice | InLine]:
        """Ends with the choice that may call now; without one when nobody can be asked in this round."""
        choices = self._course.open_choices()
        verdicts = await self._look(choices)
        if not self._verdict.may_go and (unproven := having("unproven", verdicts)):
            choice = random.choice(unproven)  # noqa: S311  (spreads load, guards nothing)
            verdicts.append((choice, await self._ask(choice, is_last_resort=True)))
        if verdicts and self._verdict.may_go:
            yield verdicts[-1][0]
            return
        waits = {verdict.wait_s: choice for choice, verdict in reversed(verdicts) if verdict.word == "wait"}
        if waits and min(waits) <= MOST_IN_LINE_S:
            async for step in self._stand_in_line(waits[min(waits)]):
                yield step

    async def _look(self, choices: Sequence[Choice]) -> list[tuple[Choice, gate.Verdict]]:
        """
        What each says, up to the first that may be called.

        When nobody knows of any that lives, waits a moment for the calls that are out to show it.
        """
        until = time.monotonic() + PROVE_WITHIN_S
        while True:
            verdicts = []
            for choice in choices:
                verdicts.append((choice, await self._ask(choice, is_last_resort=len(choices) == 1)))
                if self._verdict.may_go:
                    return verdicts
            if not having("unproven", verdicts) or time.monotonic() > until:
                return verdicts
            await asyncio.sleep(PROVE_WITHIN_S / 10)

    async def _stand_in_line(self, choice: Choice) -> AsyncGenerator[Choice | InLine]:
        until, place = time.monotonic() + MOST_IN_LINE_S, 0
        while time.monotonic() < until:
            await self._ask(choice, is_last_resort=True, in_line=True)
            if self._verdict.may_go:
                yield choice
                return
            if self._verdict.word != "wait":
                return
            if self._verdict.place != place:
                place = self._verdict.place
                yield InLine(place)
            await asyncio.sleep(max(0.02, min(LOOK_AGAIN_S, self._verdict.wait_s)))

    async def _ask(self, choice: Choice, *, is_last_resort: bool, in_line: bool = False) -> gate.Verdict:
        self._verdict = await gate.admit(
            choice.deployment,
            self._call_id,
            tokens=self._expected_tokens(choice.deployment),
            is_last_resort=is_last_resort,
            in_line=in_line,
        )
        return self._verdict

    async def _pause_before_next_round(self) -> None:
        """Raises ModelUnavailable when everyone has had their chances, or the caller has waited long enough."""
        pause_s = self._course.next_round()
        if pause_s is None or time.monotonic() - self._began > GIVE_UP_S:
            raise self._failure()
        for choice in self._course.open_choices():
            if choice.reason is Reason.RETRY and not await gate.may_retry(choice.deployment):
                self._course.leave_out(choice.deployment)
        await asyncio.sleep(pause_s)

    # Asking

    async def _texts(self, choice: Choice) -> AsyncGenerator[str]:
        """What is to be shown of one answer, joined to what was shown before."""
        joint = Joint(self._shown)
        async with aclosing(self._items_of(choice)) as items:
            async for item in items:
                if isinstance(item, TextDelta) and (text := joint.feed(item.text)):
                    yield text
        if text := joint.flush():
            yield text

    def _items_of(self, choice: Choice) -> AsyncGenerator[StreamItem]:
        first = self._attempt(choice, self._verdict).items()
        after_s = choice.deployment.hedge_after_s
        if after_s is None or self._shown:
            return first
        return hedged(first, after_s=after_s, second=self._hedge)

    async def _hedge(self) -> AsyncGenerator[StreamItem] | None:
        """Another deployment's answer to the same request, if one can be asked at once."""
        for choice in self._course.open_choices():
            self._call_id = uuid4().hex
            verdict = await self._ask(choice, is_last_resort=False)
            if verdict.may_go:
                return self._attempt(Choice(choice.deployment, Reason.HEDGE), verdict).items()
        return None

    def _attempt(self, choice: Choice, verdict: gate.Verdict) -> Attempt:
        strong = plan("strong", self._known)[:1]
        attempt = Attempt(
            deployment=choice.deployment,
            request=self._request_for(choice.deployment),
            caller=self._caller,
            expected_tokens=self._expected_tokens(choice.deployment),
            number=self._course.called(choice.deployment),
            reason=choice.reason,
            call_id=self._call_id,
            waited_ms=round((time.monotonic() - self._began) * 1000) if not self._attempts else 0,
            strong_rate=strong[0].rate if strong else None,
            is_proven=verdict.is_proven,
            on_fault=self._course.failed,
            on_refusal=self._course.leave_out,
        )
        self._call_id = uuid4().hex
        self._attempts.append(attempt)
        return attempt

    def _request_for(self, deployment: Deployment) -> CompletionRequest:
        request = continuation(self._request, self._shown) if self._shown else self._request
        return replace(request, max_output_tokens=traits.output_limit(deployment.model, request.max_output_tokens))

    def _expected_tokens(self, deployment: Deployment) -> int:
        """What pacing counts with before the call; counted once."""
        if deployment.model not in self._expected:
            sent = estimate.expected_input_tokens(self._request, deployment.model)
            self._expected[deployment.model] = sent + self._request.max_output_tokens  # thoughts are rarely that long
        return self._expected[deployment.model]

    # How it went

    def _served(self) -> Served:
        attempt = next(attempt for attempt in self._attempts if attempt.status is Inference.Status.SUCCESS)
        assert attempt.usage is not None  # noqa: S101  (narrows the type)
        costs = [attempt.cost_usd for attempt in self._attempts if attempt.cost_usd is not None]
        return Served(
            attempt.deployment.provider.name,
            attempt.deployment.model,
            attempt.usage,
            sum(costs, Decimal(0)) if attempt.cost_usd is not None else None,
            tier=attempt.deployment.tier,
            was_resumed=any(other.said_chars and other is not attempt for other in self._attempts),
        )

    def _failure(self) -> ModelUnavailable | BudgetExceeded:
        failed = [f"{a.deployment.provider.name}: {a.failure}" for a in self._attempts if a.failure is not None]
        if self._refusal and not failed:
            return self._refusal
        return ModelUnavailable("; ".join(dict.fromkeys(failed)) or "no model can be asked right now")


def having(word: str, verdicts: Sequence[tuple[Choice, gate.Verdict]]) -> list[Choice]:
    return [choice for choice, verdict in verdicts if verdict.word == word]
