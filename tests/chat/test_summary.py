"""The running summary of a long conversation."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from askacme.config import ProviderConfig
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.followups.packing import packed
from chat.followups.summary import summarise
from chat.followups.talk import talk_until
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.models import Inference
from tests.chat.rows import make_conversation
from tests.chat.talks import make_turn
from tests.llm_simulator import Reply, Simulator, running_simulator

pytestmark = pytest.mark.django_db(transaction=True)
SUMMARY = "Ana, part-time in Berlin, asked about leave."


@pytest.fixture
def simulator(settings: Settings) -> Iterator[Simulator]:
    with running_simulator() as simulator:
        simulator.script = [Reply(text=SUMMARY)]
        provider: dict[str, Any] = {
            "name": "sim",
            "kind": "openai",
            "base_url": simulator.base_url,
            "models": {"fast": "small"},
            "timeout_s": 5,
        }
        settings.ASKACME = settings.ASKACME.model_copy(update={"llm_providers": (ProviderConfig(**provider),)})
        yield simulator


def long_talk(user: User, turns: int) -> Message:
    last: Any = make_conversation(user)
    for n in range(turns):
        last = make_turn(last, f"Question {n}?", answer="Word for word. " * 60)
    return Message.objects.select_related("conversation").get(pk=last.pk)


async def test_the_oldest_turns_are_folded_in_and_leave_room(simulator: Simulator, ana: User) -> None:
    last = await in_thread(long_talk, ana, 12)
    assert await summarise(last.pk)
    assert "Question 0?" in simulator.requests[0]["messages"][-1]["content"]
    audience = await in_thread(Audience.of, ana)
    await last.conversation.arefresh_from_db()
    talk = await in_thread(talk_until, last.pk, last.conversation, audience)
    assert talk.summary == SUMMARY
    assert 0 < len(talk.turns) < 6
    assert packed(talk).left_out == ()
    assert await Inference.objects.filter(purpose="summary", user_id=ana.pk).acount() == 1


async def test_a_later_summary_goes_on_from_the_one_before(simulator: Simulator, ana: User) -> None:
    last = await in_thread(long_talk, ana, 12)
    await summarise(last.pk)
    for n in range(8):
        last = await in_thread(make_turn, last, f"Later {n}?", answer="Word for word. " * 60)
    assert await summarise(last.pk)
    sent = simulator.requests[-1]["messages"][-1]["content"]
    assert f"<summary>\n{SUMMARY}\n</summary>" in sent
    assert "Question 0?" not in sent


async def test_a_talk_that_fits_is_not_summed_up(simulator: Simulator, ana: User) -> None:
    last = await in_thread(long_talk, ana, 2)
    assert not await summarise(last.pk)
    assert simulator.requests == []


async def test_a_model_that_fails_leaves_the_summary_as_it_was(simulator: Simulator, ana: User) -> None:
    simulator.script = [Reply(status=400)]
    last = await in_thread(long_talk, ana, 12)
    assert not await summarise(last.pk)
    await last.conversation.arefresh_from_db()
    assert (last.conversation.summary, last.conversation.summarised_id) == ("", None)


async def test_a_deleted_conversation_is_not_summed_up(simulator: Simulator, ana: User) -> None:
    last = await in_thread(long_talk, ana, 12)
    await in_thread(last.conversation.delete)
    assert not await summarise(last.pk)
    assert simulator.requests == []


async def test_a_summary_that_is_too_long_is_cut(simulator: Simulator, ana: User) -> None:
    simulator.script = [Reply(text="Much was said. " * 1_000)]
    last = await in_thread(long_talk, ana, 12)
    assert await summarise(last.pk)
    await last.conversation.arefresh_from_db()
    assert len(last.conversation.summary) < 3_000
