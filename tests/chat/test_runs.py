"""An answer made by a model over HTTP: streamed, stopped, broken off, orphaned."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings

from askacme.config import ProviderConfig
from askacme.lib.threads import in_thread
from chat.conversations.models import Citation, Conversation, Message
from chat.pipeline.answer import BROKEN
from chat.pipeline.fallback import BROKE_OFF, NO_MODEL
from chat.pipeline.settle import citations_of
from chat.pipeline.values import Verdict
from chat.runs.events import Event
from chat.runs.follow import follow
from chat.runs.keeper import keeper
from chat.runs.services import ask, ask_and_wait, resume, stop
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


async def test_a_run_that_another_process_has_taken_ends_without_a_word(simulator: Simulator, reader_of: User) -> None:
    """Whoever follows it here goes on with the other one's words, to the end."""
    simulator.script = [Reply(text="Sixteen weeks [1]. " * 40, token_s=0.05), Reply()]
    message = await ask(user=reader_of, question=QUESTION, conversation_id=None)
    old = keeper().held[message.request_id]
    reading = asyncio.create_task(events_of(message))
    async for event in follow(message.request_id):
        if event.type == "delta":
            break
    await Message.objects.filter(pk=message.pk).aupdate(attempts=2)
    await asyncio.wait([old.task], timeout=15)
    assert old.task.done()
    assert not any(event.is_last for event in old.emit.tail.events)
    await resume(await Message.objects.select_related("conversation__user").aget(pk=message.pk))
    events = await asyncio.wait_for(reading, 20)
    assert events[-1].type == "done"
    told = [event for event in events if event.type in {"delta", "reset"}]
    again = max(place for place, event in enumerate(told) if event.type == "reset")
    assert "".join(event.data["text"] for event in told[again:]) == "Parental leave is 16 weeks [1]."


async def test_what_was_told_stays_when_the_answer_fails_in_the_end(
    simulator: Simulator, reader_of: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("The check broke off")

    monkeypatch.setattr("chat.pipeline.answer.verify", broken)
    message = await ask_and_wait(user=reader_of, question=QUESTION)
    assert (message.status, message.state) == ("error", "failed")
    assert message.answer == f"Parental leave is 16 weeks [1].\n\n{BROKEN}"


async def test_a_deadlock_while_an_answer_is_stored_does_not_take_it_away(
    simulator: Simulator, reader_of: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def unlucky(message: Message, verdict: Verdict) -> list[Citation]:
        tries.append(message)
        if len(tries) == 1:
            raise OperationalError("deadlock detected")
        return citations_of(message, verdict)

    monkeypatch.setattr("chat.pipeline.settle.citations_of", unlucky)
    message = await ask_and_wait(user=reader_of, question=QUESTION)
    assert (message.status, await message.citations.acount(), len(tries)) == ("success", 1, 2)
