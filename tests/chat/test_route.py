"""Which tier of models answers a question, through the whole pipeline."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import Settings

from askacme.config import ProviderConfig
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.runs.services import ask_and_wait
from governance.access.models import User
from governance.feedback.services import rate
from governance.gateway.money.models import Budget, BudgetPeriod
from tests.cast import make_document
from tests.llm_simulator import Simulator, running_simulator

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How many weeks of parental leave do we get?"
COMPARISON = "What is the difference between parental leave for birth parents and for adoptive parents?"


@pytest.fixture
def simulator(settings: Settings) -> Iterator[Simulator]:
    with running_simulator() as simulator:
        provider = ProviderConfig.model_validate(
            {
                "name": "sim",
                "kind": "openai",
                "base_url": simulator.base_url,
                "models": {"fast": "small", "strong": "large"},
                "timeout_s": 10,
            }
        )
        settings.ASKACME = settings.ASKACME.model_copy(update={"llm_providers": (provider,)})
        yield simulator


@pytest.fixture
async def asker(ana: User) -> User:
    await in_thread(make_document)
    return ana


def models_asked(simulator: Simulator) -> list[str]:
    return [request["model"] for request in simulator.requests]


async def test_a_look_up_goes_to_the_fast_model_and_a_comparison_to_the_strong_one(
    simulator: Simulator, asker: User
) -> None:
    messages = [await ask_and_wait(user=asker, question=question) for question in (QUESTION, COMPARISON)]
    assert models_asked(simulator) == ["small", "large"]
    assert [(message.kind, message.department) for message in messages] == [("lookup", "hr"), ("comparison", "hr")]
    assert messages[1].route == "rule: comparison → strong"


async def test_asked_again_after_a_thumbs_down_it_goes_to_the_strong_model(simulator: Simulator, asker: User) -> None:
    message = await ask_and_wait(user=asker, question=QUESTION)
    await in_thread(rate, user=asker, request_id=message.request_id, rating="down")
    again = await ask_and_wait(user=asker, question=QUESTION, conversation_id=message.conversation_id)
    assert models_asked(simulator) == ["small", "large"]
    assert again.route == "asked again after a thumbs-down"


async def test_a_budget_that_runs_low_sends_everything_to_the_fast_model(simulator: Simulator, asker: User) -> None:
    await in_thread(half_spent)
    message = await ask_and_wait(user=asker, question=COMPARISON)
    assert (models_asked(simulator), message.route) == (["small"], "budget: fast only")


def half_spent() -> None:
    budget = Budget.objects.create(scope="company", period="month", limit_usd=Decimal(10), degrade_percent=40)
    BudgetPeriod.objects.create(budget=budget, start=budget.start(timezone.now()), spent_usd=Decimal(5))


async def test_somebody_else_s_thumb_changes_nothing(simulator: Simulator, asker: User, ben: User) -> None:
    message = await ask_and_wait(user=asker, question=QUESTION)
    await in_thread(rate, user=ben, request_id=message.request_id, rating="down")
    await ask_and_wait(user=asker, question=QUESTION, conversation_id=message.conversation_id)
    assert models_asked(simulator) == ["small", "small"]
    assert await Message.objects.acount() == 2
