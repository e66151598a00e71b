"""The agent over real HTTP, in both wire formats, through the gateway."""

import json
from collections.abc import Iterator
from functools import partial

import pytest
from pytest_django import Settings

from askacme.config import ProviderConfig, ProviderModels
from askacme.lib.threads import in_thread
from chat.pipeline.agent import MAX_STEPS, agent
from chat.pipeline.respond import HALFWAY
from chat.pipeline.telling import Telling
from chat.pipeline.trace import Trace
from chat.pipeline.values import Asked, Found
from chat.runs.services import ask_and_wait
from chat.tools.models import ToolUse
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.complete import stream
from governance.gateway.models import Inference
from governance.gateway.types import Caller
from tests.chat.rows import make_conversation, make_running
from tests.chat.systems import System, make_connector, make_ticket_connector, running_system
from tests.chat.test_agent import REQUEST, Told
from tests.llm.asking import FORMATS, make_provider
from tests.llm_simulator import Reply, Simulator, running_simulator

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS_UP = Reply(text="Let me see.", tool_calls=(("vacation_balance", "{}"),))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def system() -> Iterator[System]:
    with running_system() as running:
        yield running


async def answered(user: User, wire_format: str, simulator: Simulator) -> str:
    message = await in_thread(lambda: make_running(make_conversation(user)))
    asked = Asked(message.request_id, REQUEST.question, user.pk, await in_thread(Audience.of, user))
    caller = Caller(str(message.request_id), user.pk)
    ask = partial(stream, caller=caller, among=[make_provider(wire_format, simulator.base_url)])
    return (await agent(REQUEST, Found(), asked, Telling(Told(), Trace()), ask=ask)).draft.text


@pytest.mark.parametrize("wire_format", FORMATS)
async def test_a_tool_is_called_and_its_answer_sent_back(
    ana: User, system: System, simulator: Simulator, wire_format: str
) -> None:
    await in_thread(make_connector, system.url)
    simulator.script[:] = [LOOKS_UP, Reply(text="According to the HR system: 17 days.")]
    assert await answered(ana, wire_format, simulator) == "According to the HR system: 17 days."
    first, second = simulator.requests
    assert "vacation_balance" in json.dumps(first["tools"])
    assert "remaining_days" in json.dumps(second["messages"])
    assert await Inference.objects.acount() == 2


@pytest.mark.parametrize("wire_format", FORMATS)
async def test_the_last_turn_holds_no_trace_of_tools(
    ana: User, system: System, simulator: Simulator, wire_format: str
) -> None:
    await in_thread(make_connector, system.url)
    simulator.script[:] = [LOOKS_UP] * MAX_STEPS + [Reply(text="17 days.")]
    assert await answered(ana, wire_format, simulator) == "17 days."
    last = json.dumps(simulator.requests[-1])
    assert "tool_call" not in last
    assert "tool_use" not in last
    assert "remaining_days" in last


async def test_one_card_waits_when_the_model_dies_behind_its_proposal(
    ana: User, system: System, simulator: Simulator, settings: Settings
) -> None:
    config = ProviderConfig(name="sim", kind="openai", base_url=simulator.base_url, models=ProviderModels(fast="small"))
    settings.ASKACME = settings.ASKACME.model_copy(update={"llm_providers": (config,)})
    await in_thread(make_ticket_connector, system.url)
    wish = ("open_ticket", '{"summary": "Does not start"}')
    simulator.script[:] = [Reply(text="", tool_calls=(wish,)), Reply(status=401)]
    message = await ask_and_wait(user=ana, question="Please open an IT ticket: my laptop does not start any more.")
    use = await ToolUse.objects.aget()
    assert (use.state, use.arguments, use.message_id) == ("proposed", {"summary": "Does not start"}, message.pk)
    assert (message.status, message.answer) == ("fallback", f"*{HALFWAY}*")
    assert system.heard == []
