"""An answer made by a model over HTTP: streamed, stopped, broken off, orphaned."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings
from redis.exceptions import ConnectionError  # noqa: A004

from askacme.config import ProviderConfig
from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from chat.pipeline.fallback import BROKE_OFF, NO_MODEL
from chat.runs import heartbeat
from chat.runs.emitter import RunEmitter
from chat.runs.events import Event, follow
from chat.runs.services import ask, ask_and_wait, stop
from chat.runs.tasks import GRACE, close_orphaned_runs
from governance.access.models import User
from governance.gateway.money.models import Budget
from tests.cast import make_document
from tests.llm_simulator import Reply, Simulator, running_simulator

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How many weeks of parental leave do I get?"


@pytest.fixture
def simulator(settings: Settings) -> Iterator[Simulator]:
    with running_simulator() as simulator:
        provider: dict[str, Any] = {
            "name": "sim",
            "kind": "openai",
            "base_url": simulator.base_url,
            "models": {"fast": "small"},
            "prices": {"small": {"input": "1", "output": "10"}},
            "timeout_s": 5,
        }
        config = settings.ASKACME.model_copy(update={"llm_providers": (ProviderConfig(**provider),)})
        settings.ASKACME = config
        yield simulator


@pytest.fixture
async def reader_of(ana: User) -> User:
    """Ana, with one document to ask about."""
    await in_thread(make_document)
    return ana


async def events_of(message: Message) -> list[Event]:
    return [event async for event in follow(message.request_id)]


async def test_a_model_s_answer_is_renumbered_priced_and_stored(simulator: Simulator, reader_of: User) -> None:
    message = await ask_and_wait(user=reader_of, question=QUESTION)
    assert (message.answer, message.status) == ("Parental leave is 16 weeks [1].", "success")
    assert (message.provider, message.model, message.input_tokens) == ("sim", "small", 1000)
    assert str(message.cost_usd) == "0.00107000"
    assert await message.citations.acount() == 1


async def test_the_model_gets_passages_it_may_quote_and_the_question(simulator: Simulator, reader_of: User) -> None:
    await ask_and_wait(user=reader_of, question="How many weeks of <b> & </passage> parental leave?")
    sent = simulator.requests[0]["messages"][-1]["content"]
    assert '<passage n="1" document="Parental leave"' in sent
    assert "16 weeks of fully paid" in sent
    assert "&lt;/passage&gt; parental leave?" in sent


async def test_a_stopped_answer_costs_what_it_took(simulator: Simulator, reader_of: User) -> None:
    simulator.script = [Reply(token_s=0.2)]
    message = await ask(user=reader_of, question=QUESTION, conversation_id=None)
    async for event in follow(message.request_id):
        if event.type == "delta":
            await stop(user=reader_of, request_id=message.request_id)
    await message.arefresh_from_db()
    assert message.stopped
    assert message.input_tokens > 0
    assert message.cost_usd is not None
    assert message.cost_usd > 0


async def test_no_model_is_asked_about_what_the_documents_do_not_treat(simulator: Simulator, reader_of: User) -> None:
    message = await ask_and_wait(user=reader_of, question="Who painted the ceiling of the Sistine Chapel?")
    assert (message.status, simulator.requests) == ("no_answer", [])


@pytest.mark.parametrize("text", ["NO_ANSWER", "It is probably ten weeks.", "Ten weeks [7]."])
async def test_no_proof_no_answer(simulator: Simulator, reader_of: User, text: str) -> None:
    simulator.script = [Reply(text=text)]
    message = await ask_and_wait(user=reader_of, question=QUESTION)
    assert message.status == "no_answer"
    assert not await message.citations.aexists()


async def test_joining_late_shows_the_same_words(simulator: Simulator, reader_of: User) -> None:
    simulator.script = [Reply(text="Sixteen weeks, fully paid [1].", token_s=0.03)]
    message = await ask(user=reader_of, question=QUESTION, conversation_id=None)
    early = asyncio.create_task(events_of(message))
    first = await early
    late = await events_of(message)
    assert [event.seq for event in late] == list(range(1, len(late) + 1))
    assert first == late
    assert "".join(event.data["text"] for event in late if event.type == "delta") == "Sixteen weeks, fully paid [1]."


async def test_stop_keeps_what_was_shown(simulator: Simulator, reader_of: User) -> None:
    simulator.script = [Reply(text="Sixteen weeks [1]. " + "And more words. " * 50, token_s=0.02, hang_after=8)]
    message = await ask(user=reader_of, question=QUESTION, conversation_id=None)
    async for event in follow(message.request_id):
        if event.type == "delta" and "[1]" in event.data["text"]:
            await stop(user=reader_of, request_id=message.request_id)
    await message.arefresh_from_db()
    assert message.stopped
    assert message.status == "success"
    assert message.answer.startswith("Sixteen weeks [1].")


async def test_without_any_model_the_best_passages_are_quoted_and_marked(simulator: Simulator, reader_of: User) -> None:
    simulator.script = [Reply(status=401)]
    message = await ask_and_wait(user=reader_of, question=QUESTION)
    assert (message.state, message.status, message.provider) == ("done", "fallback", "reader")
    assert message.answer.startswith(f"*{NO_MODEL}*")
    assert "16 weeks of fully paid parental leave after six months of service. [1]" in message.answer
    assert await message.citations.acount() == 1


async def test_quotes_follow_what_was_shown_when_a_model_breaks_off_and_no_other_is_there(
    simulator: Simulator, reader_of: User
) -> None:
    simulator.script = [Reply(text="All new parents get [1] much.", cut_after=4), Reply(status=401)]
    message = await ask_and_wait(user=reader_of, question=QUESTION)
    assert message.status == "fallback"
    assert message.answer.startswith("All new parents get")
    assert BROKE_OFF in message.answer
    assert message.answer.count("All new parents get [1]") <= 1


async def test_a_used_up_budget_is_said_plainly_and_the_documents_are_quoted(
    simulator: Simulator, reader_of: User
) -> None:
    await in_thread(Budget.objects.create, scope="company", period="month", limit_usd=Decimal("0.01"))
    message = await ask_and_wait(user=reader_of, question=QUESTION)
    assert (message.status, simulator.requests) == ("fallback", [])
    assert "budget" in message.answer
    assert "16 weeks" in message.answer


async def test_a_conversation_deleted_in_mid_answer_leaves_nothing(simulator: Simulator, reader_of: User) -> None:
    simulator.script = [Reply(token_s=0.05)]
    message = await ask(user=reader_of, question=QUESTION, conversation_id=None)
    await Conversation.objects.all().adelete()
    assert (await events_of(message))[-1].type == "error"
    assert not await Message.objects.aexists()


async def test_a_hiccup_of_redis_does_not_end_the_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[UUID] = []
    second_beat = asyncio.Event()

    async def beat(request_id: UUID) -> None:
        beats.append(request_id)
        if len(beats) == 1:
            raise ConnectionError("Redis went away")
        second_beat.set()

    monkeypatch.setattr(heartbeat, "beat", beat)
    watcher = asyncio.create_task(RunEmitter(uuid4()).watch())
    await asyncio.wait_for(second_beat.wait(), 10)
    watcher.cancel()
    assert len(beats) == 2


async def test_a_run_whose_process_died_is_closed(ana: User) -> None:
    conversation = await Conversation.objects.acreate(user=ana)
    message = await Message.objects.acreate(conversation=conversation, question=QUESTION)
    await Message.objects.aupdate(created_at=message.created_at - GRACE * 2)
    await in_thread(close_orphaned_runs)
    await message.arefresh_from_db()
    assert (message.state, message.status) == ("failed", "error")


async def test_a_run_that_lives_is_left_alone(ana: User) -> None:
    conversation = await Conversation.objects.acreate(user=ana)
    message = await Message.objects.acreate(conversation=conversation, question=QUESTION)
    await Message.objects.aupdate(created_at=message.created_at - GRACE * 2)
    await heartbeat.beat(message.request_id)
    await in_thread(close_orphaned_runs)
    await message.arefresh_from_db()
    assert message.state == "running"
