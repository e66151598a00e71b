"""The gateway over real HTTP: what is configured, what is sent, and what is kept of it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from askacme.config import ProviderConfig
from askacme.lib.errors import BudgetExceeded
from askacme.lib.threads import in_thread
from governance.gateway.complete import Served, complete
from governance.gateway.models import Inference
from governance.gateway.money.models import Budget, Hold
from governance.gateway.types import Caller, ChatMessage, CompletionRequest, Tier
from tests.llm import replies
from tests.llm_simulator import Reply, Simulator, running_simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]
MESSAGES = (ChatMessage("system", "Answer."), ChatMessage("user", "How many weeks?"))


@pytest.fixture
def first() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def second() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        simulator.script = [Reply(text="from the second")]
        yield simulator


@pytest.fixture
def gateway(settings: Settings, first: Simulator, second: Simulator) -> "Gateway":
    return Gateway(settings, first, second)


class Gateway:
    """Two providers at two simulators."""

    def __init__(self, settings: Settings, first: Simulator, second: Simulator) -> None:
        self.settings = settings
        self.urls = {"one": first.base_url, "two": second.base_url}
        self.request_id = str(uuid4())

    def configure(self, **one: Any) -> None:
        shared = {"kind": "openai", "models": {"fast": "small", "strong": "large"}, "timeout_s": 5}
        configs = [shared | {"name": name, "base_url": url} for name, url in self.urls.items()]
        configs[0] |= one
        providers = tuple(ProviderConfig(**config) for config in configs)
        self.settings.ASKACME = self.settings.ASKACME.model_copy(update={"llm_providers": providers})

    async def ask(self, tier: Tier = "fast") -> tuple[str, Served]:
        request = CompletionRequest(MESSAGES, "How many weeks?", tier=tier)
        return await complete(request, caller=Caller(self.request_id))

    async def rows(self) -> list[Inference]:
        return [row async for row in Inference.objects.filter(request_id=self.request_id).order_by("attempt")]


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
async def test_each_attempt_carries_the_request_s_id(gateway: Gateway, first: Simulator, kind: str) -> None:
    gateway.configure(kind=kind)
    first.script = [replies.OVERLOADED]
    await gateway.ask()
    assert first.headers[0]["X-Request-ID"] == gateway.request_id
    assert [(row.attempt, row.provider, row.http_status) for row in await gateway.rows()] == [
        (1, "one", 503),
        (2, "two", None),
    ]


async def test_the_tier_chooses_the_model(gateway: Gateway, first: Simulator) -> None:
    gateway.configure()
    await gateway.ask("fast")
    await gateway.ask("strong")
    assert [request["model"] for request in first.requests] == ["small", "large"]


async def test_cached_input_is_counted_and_priced(gateway: Gateway, first: Simulator) -> None:
    gateway.configure(prices={"small": {"input": "1", "cached_input": "0.1", "output": "10"}})
    first.script = [Reply(text="x", input_tokens=1000, cached_tokens=900)]
    _, served = await gateway.ask()
    assert served.cost_usd == Decimal("0.0002")
    [row] = await gateway.rows()
    assert (row.input_tokens, row.cached_input_tokens, row.cost_usd) == (1000, 900, Decimal("0.0002"))


async def test_what_strong_would_have_cost_is_kept_beside(gateway: Gateway) -> None:
    prices = {"small": {"input": "1", "output": "10"}, "large": {"input": "10", "output": "100"}}
    gateway.configure(prices=prices)
    _, served = await gateway.ask()
    [row] = await gateway.rows()
    assert served.cost_usd is not None
    assert row.all_strong_usd == 10 * served.cost_usd


async def test_a_slow_first_token_is_overtaken_by_the_next_model(gateway: Gateway, first: Simulator) -> None:
    gateway.configure(hedge_after_s=0.05)
    first.script = [Reply(first_token_s=4)]
    text, served = await gateway.ask()
    assert (text, served.provider) == ("from the second", "two")
    assert {(row.provider, row.reason, row.status) for row in await gateway.rows()} == {
        ("one", "first", "cancelled"),
        ("two", "hedge", "success"),
    }


async def test_a_provider_that_says_nothing_is_left_is_spared_before_it_refuses(
    gateway: Gateway, first: Simulator
) -> None:
    gateway.configure()
    spent = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "30s"}
    first.script = [Reply(text="from the first", headers=spent)]
    assert [(await gateway.ask())[0] for _ in range(2)] == ["from the first", "from the second"]
    assert first.calls == 1


async def test_money_is_held_before_and_settled_after(gateway: Gateway) -> None:
    gateway.configure(prices={"small": {"input": "1", "output": "10"}})
    budget = await in_thread(Budget.objects.create, scope="company", period="month", limit_usd=Decimal(1))
    _, served = await gateway.ask()
    hold = await Hold.objects.aget()
    assert (hold.state, hold.cost_usd) == ("settled", served.cost_usd)
    assert served.cost_usd is not None
    assert hold.amount_usd > served.cost_usd
    assert (await budget.periods.aget()).spent_usd == served.cost_usd


async def test_a_call_that_failed_costs_nothing(gateway: Gateway, first: Simulator) -> None:
    gateway.configure(prices={"small": {"input": "1", "output": "10"}})
    await in_thread(Budget.objects.create, scope="provider", endpoint="one", period="month", limit_usd=Decimal(1))
    first.script = [replies.SERVER_ERROR]
    await gateway.ask()
    assert [hold.state async for hold in Hold.objects.all()] == ["released"]


async def test_thoughts_without_a_word_are_paid_for_and_not_repeated(gateway: Gateway, first: Simulator) -> None:
    gateway.configure(prices={"small": {"input": "1", "output": "10"}})
    first.script = [Reply(text="", thoughts="hm " * 100, finish="length", input_tokens=1000)]
    await gateway.ask()
    [thought, answered] = await gateway.rows()
    assert (thought.fault, thought.input_tokens, answered.provider) == ("no_room", 1000, "two")
    assert thought.cost_usd is not None
    assert thought.cost_usd > Decimal("0.001")


async def test_the_only_provider_s_used_up_budget_is_said_as_such(gateway: Gateway, first: Simulator) -> None:
    gateway.urls.pop("two")
    gateway.configure(prices={"small": {"input": "1000", "output": "1000"}})
    await in_thread(Budget.objects.create, scope="provider", endpoint="one", period="day", limit_usd=Decimal("0.01"))
    with pytest.raises(BudgetExceeded):
        await gateway.ask()
    assert first.calls == 0


async def test_a_reasoning_model_gets_room_for_its_thoughts(gateway: Gateway, first: Simulator) -> None:
    gateway.configure(models={"fast": "gpt-5-mini"})
    await gateway.ask()
    assert first.requests[0]["max_completion_tokens"] > 5000


async def test_a_provider_s_own_budget_sends_calls_to_the_next(gateway: Gateway, first: Simulator) -> None:
    gateway.configure(prices={"small": {"input": "1000", "output": "1000"}})
    await in_thread(Budget.objects.create, scope="provider", endpoint="one", period="day", limit_usd=Decimal("0.01"))
    text, _ = await gateway.ask()
    assert (text, first.calls) == ("from the second", 0)
