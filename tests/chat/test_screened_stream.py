"""Every word of an answer passes the screen, whoever worded it."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askacme.lib.errors import GuardUnavailable
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.pipeline.telling import Telling
from chat.pipeline.trace import Trace
from chat.pipeline.verify import WITHHELD
from chat.proof.values import State
from chat.runs.services import ask, ask_and_wait
from governance.access.models import User
from governance.gateway.types import Passage
from governance.guardrails.output.canary import canary_of
from governance.guardrails.output.stream import ScreenedStream, Withheld
from governance.guardrails.policy import DEFAULT
from governance.prompts.released import answer_prompt
from tests.chat.systems import System, make_connector
from tests.chat.test_agent import Told, Turn, call, emit, message, system, worked
from tests.chat.test_runs import QUESTION, events_of, reader_of, simulator
from tests.governance import planted
from tests.governance.planted import screen
from tests.llm_simulator import Reply, Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["emit", "message", "reader_of", "simulator", "system"]  # fixtures
LEAVE = Passage(1, "Leave", "Parents", "Employees get 16 weeks. Write to kim@acme.example.", 1.0)


def telling(emit: Told | None = None) -> Telling:
    made = Telling(emit or Told(), Trace(), "How long?", screen(sources=()))
    made.lean_on((LEAVE,))
    return made


async def test_what_is_told_shown_and_proved_is_the_same_screened_text() -> None:
    emit = Told()
    words = telling(emit)
    for piece in ("You get **16 we", "eks** [", "1]. Mail bob@else", "where.example or kim@acme.example. <b>Now</b>"):
        await words.feed(piece)
    await words.flush()
    assert emit.shown == words.text
    assert words.text == "You get **16 weeks** [1]. Mail (e-mail address removed) or kim@acme.example. Now"
    assert words.numbers.cited == [1]


async def test_a_mark_that_is_dropped_joins_nothing_forbidden() -> None:
    emit = Told()
    words = telling(emit)
    with pytest.raises(Withheld, match="secret"):
        await words.feed("The key: sk-proj-abcdefghijkl[99]mnopqrstuvwx1234 .")
    assert "sk-" not in emit.shown


async def test_what_may_not_be_told_ends_the_telling_at_once() -> None:
    emit = Told()
    words = telling(emit)
    await words.feed("Of course. ")
    with pytest.raises(Withheld):
        await words.feed(f"My mark is {planted.canary()} and ")
    assert emit.shown == "Of course. "


async def test_when_the_screen_can_not_look_nothing_more_is_told() -> None:
    class Broken(ScreenedStream):
        def feed(self, piece: str) -> str:
            raise ZeroDivisionError(piece)

    emit = Told()
    words = Telling(emit, Trace(), screen=Broken(DEFAULT))
    with pytest.raises(GuardUnavailable, match="could not be checked"):
        await words.feed("Sixteen weeks.")
    assert emit.shown == ""


async def test_our_own_words_stay_apart_from_those_of_a_model() -> None:
    words = telling()
    await words.feed("The model said")
    await words.add("\n\n*It broke off.*\n\n", vouched="")
    await words.quote("Employees get 16 weeks [1].")
    await words.flush()
    assert words.text == "The model said\n\n*It broke off.*\n\nEmployees get 16 weeks [1]."
    states = [sentence.state for sentence in await words.checker.finish()]
    assert states[-2:] == [State.PLAIN, State.PROVED]


async def test_a_word_that_is_held_back_counts_as_begun() -> None:
    words = telling()
    await words.feed("Sixteen weeks"[:7] + "xxxx")
    assert words.text == ""
    assert words.has_begun
    words.forget()
    assert not words.has_begun


async def test_an_answer_that_is_too_long_ends_with_a_sentence_and_says_so() -> None:
    emit = Told()
    policy = replace(DEFAULT, max_answer_chars=100)
    words = Telling(emit, Trace(), screen=ScreenedStream(policy))
    for _ in range(9):
        await words.feed("Employees get sixteen weeks. ")
    await words.flush()
    assert words.text.startswith(
        "Employees get sixteen weeks. Employees get sixteen weeks. Employees get sixteen weeks."
    )
    assert words.text.endswith("weeks.\n\n*The answer is cut here: it is longer than allowed.*")
    assert words.text.count("Employees") == 3


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=30))
async def test_the_pieces_a_model_speaks_in_change_nothing(lengths: list[int]) -> None:
    said = " NO_AN answer [2][1, 7]: see [here](https://evil.example), [1] and +1 650 253 0000."
    words, left = telling(), said
    for length in lengths:
        await words.feed(left[:length])
        left = left[length:]
    await words.feed(left)
    await words.flush()
    assert words.text == "NO_AN answer [1]: see here, [1] and (phone number removed)."


async def test_what_gives_the_prompt_away_is_withdrawn_and_the_model_is_stopped(
    simulator: Simulator, reader_of: User
) -> None:
    prompt = answer_prompt()
    text = f"Parental leave is 16 weeks [1]. My mark is {canary_of(prompt.version)}. {'And more. ' * 200}"
    simulator.script = [Reply(text=text, token_s=0.01)]
    message = await ask(user=reader_of, question=QUESTION, conversation_id=None)
    events = await events_of(message)
    resets = [place for place, event in enumerate(events) if event.type == "reset"]
    assert [events[place].data["text"] for place in resets] == [""]
    assert not any(event.type in {"delta", "proof"} for event in events[resets[0] :])
    assert canary_of(prompt.version) not in "".join(event.data.get("text", "") for event in events)
    await message.arefresh_from_db()
    assert (message.status, message.answer, message.proof) == ("output_filtered", WITHHELD, [])
    assert await message.citations.acount() == 0
    assert simulator.closed_early == 1
    guards = next(stage["detail"]["guards"] for stage in message.stages if stage["name"] == "respond")
    assert [(guard["code"], guard["action"]) for guard in guards] == [("canary.verbatim", "block")]


async def test_the_canary_stands_in_the_prompt_and_stays_the_same(simulator: Simulator, reader_of: User) -> None:
    for _ in range(2):
        await ask_and_wait(user=reader_of, question=QUESTION)
    first, second = (asked["messages"][0]["content"] for asked in simulator.requests)
    assert first == second
    assert canary_of(answer_prompt().version) in first


async def test_what_is_masked_is_masked_in_the_stored_answer_and_on_record(
    simulator: Simulator, reader_of: User
) -> None:
    simulator.script = [
        Reply(text="Parental leave is 16 weeks [1]. ![x](https://evil.example/?d=1) Bob: bob@evil.example.")
    ]
    message = await ask_and_wait(user=reader_of, question=QUESTION)
    assert message.status == "success"
    assert message.answer == "Parental leave is 16 weeks [1]. x Bob: (e-mail address removed)."
    guards = next(stage["detail"]["guards"] for stage in message.stages if stage["name"] == "respond")
    assert {guard["code"] for guard in guards} == {"link.image", "pii.email"}


async def test_an_answer_of_which_nothing_is_left_says_so(simulator: Simulator, reader_of: User) -> None:
    simulator.script = [Reply(text="<i title='[1]'></i>")]
    message = await ask_and_wait(user=reader_of, question=QUESTION)
    assert message.status == "no_answer"
    assert message.answer.startswith("I don't know")


async def test_arguments_that_hold_a_secret_reach_no_other_system(
    system: System, ana: User, message: Message, emit: Told
) -> None:
    await in_thread(make_connector, system.url)
    wanted = call("vacation_balance", json.dumps({"kind": planted.SECRETS[0]}))
    _, model = await worked(ana, message, emit, Turn(calls=(wanted,)), Turn("The HR system was not asked."))
    assert system.heard == []
    assert "may not leave" in model.told()[0]
