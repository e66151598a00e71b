"""An answer, judged as a whole: what is marked, what is left out, when nothing is left to say."""

import pytest
from pytest_django import Settings

from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.pipeline.agent import Worked
from chat.pipeline.telling import Telling
from chat.pipeline.trace import Trace
from chat.pipeline.values import Draft, Found, Verdict
from chat.pipeline.verify import verify
from chat.proof.values import State
from chat.runs.services import ask_and_wait
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.types import Passage
from knowledge.search.search import find
from tests.cast import make_document
from tests.chat.test_agent import Told
from tests.governance.test_embeddings import set_config

pytestmark = pytest.mark.django_db(transaction=True)
PROVED = "All new parents get 16 weeks of fully paid parental leave after six months of service. [1]"
WRONG = "Fathers get 9 weeks. [2]"
NOTE = "\n\n*One sentence was left out: no source proves it.*"


async def verified(user: User, text: str) -> Verdict:
    await in_thread(make_document)
    await in_thread(make_document, "# Travel\n\nHotels may cost 150 dollars a night.", path="travel.md")
    audience = await in_thread(Audience.of, user)
    result = await in_thread(find, "parental leave", audience=audience, top=2)
    hits = sorted(result.hits, key=lambda hit: hit.path)
    passages = tuple(Passage(n, hit.document, hit.heading, hit.text, hit.score) for n, hit in enumerate(hits, 1))
    telling = Telling(Told(), Trace())
    telling.lean_on(passages)
    for word in text.split(" "):
        await telling.feed(f"{word} ")
    await telling.flush()
    draft = Draft(telling.text.rstrip(), tuple(telling.numbers.cited))
    found = Found(tuple(hits), passages, 1.0)
    return await verify(Worked(draft, found, checker=telling.checker))


async def test_unproved_sentences_stay_and_are_marked_as_such(ana: User) -> None:
    verdict = await verified(ana, f"{PROVED} {WRONG}")
    assert verdict.text == f"{PROVED} {WRONG}"
    assert [sentence.state for sentence in verdict.proof] == [State.PROVED, State.UNPROVED]
    assert (verdict.status, verdict.confidence, list(verdict.citations)) == ("success", 0.5, [1, 2])


async def test_unproved_sentences_are_left_out_where_the_policy_says_so(ana: User, settings: Settings) -> None:
    set_config(settings, unproved="strike")
    verdict = await verified(ana, f"{WRONG} {PROVED}")
    assert verdict.text == PROVED + NOTE
    assert {n: cited.hit.path for n, cited in verdict.citations.items()} == {1: "parental-leave.md"}
    assert [sentence.state for sentence in verdict.proof] == [State.PROVED, State.PLAIN]
    assert verdict.confidence == 0.5  # half of what was said had to go


async def test_nothing_proved_is_no_answer_under_that_policy(ana: User, settings: Settings) -> None:
    set_config(settings, unproved="strike")
    verdict = await verified(ana, WRONG)
    assert (verdict.status, dict(verdict.citations), verdict.proof) == ("no_answer", {}, ())
    assert verdict.text.startswith("I don't know")


async def test_the_reader_s_quotes_are_proved_and_stored_with_the_answer(ana: User) -> None:
    await in_thread(make_document)
    message = await ask_and_wait(user=ana, question="How many weeks of parental leave do new parents get?")
    assert message.status == Message.Status.SUCCESS
    assert {sentence["state"] for sentence in message.proof} == {"proved"}
    first = message.proof[0]
    assert message.answer[first["start"] : first["end"]].startswith("All new parents get 16 weeks")
    assert message.confidence is not None
    assert message.confidence >= 0.5
