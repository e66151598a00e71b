"""Personal data in what people write: hidden wherever it is kept, in clear for whoever wrote it."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import AsyncClient, Client
from django.urls import reverse

from askacme.lib.errors import GuardUnavailable
from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from chat.conversations.passing import ask_in_passing
from chat.conversations.schema import AnswerOut
from chat.conversations.services import delete, rename
from chat.conversations.unveil import Hidden, unveiled
from chat.escalation.recipients import Recipient
from chat.escalation.services import escalate, reply
from chat.runs.events import Event
from chat.runs.services import ask_and_wait, ask_instead, finish_running, regenerate
from chat.sharing.services import share
from chat.tools import services as tools
from chat.tools.models import ToolUse
from chat.tools.registry import tool_of
from chat.tools.values import Person
from governance.access.models import User
from governance.feedback.services import rate
from governance.guardrails.pii import PLACEHOLDER, numbers, vault
from governance.guardrails.pii.vault import hide_of, values_of
from tests.cast import bearer, make_document
from tests.chat.rows import make_conversation, make_message
from tests.chat.systems import System, make_ticket_connector, running_system

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]
CARD = "4111 1111 1111 1111"
MAIL = "maria.lind@private.example"
QUESTION = f"How many weeks of parental leave do I get? Write to {MAIL}."


async def api(user: User, url: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    keys = await in_thread(bearer, user)
    client = AsyncClient()
    if body is None:
        return await client.get(url, headers=keys | headers)
    return await client.post(url, json.dumps(body), content_type="application/json", headers=keys | headers)


def page(user: User, conversation_id: UUID) -> str:
    client = Client()
    client.force_login(user)
    return client.get(f"/c/{conversation_id}/").content.decode()


async def test_the_asker_reads_what_nobody_keeps(ana: User) -> None:
    answer = (await api(ana, "/api/v1/ask", {"question": QUESTION})).json()

    stored = await Message.objects.select_related("conversation").aget()
    assert answer["question"] == QUESTION
    assert MAIL not in f"{stored.question} {stored.conversation.title} {stored.answer} {stored.stages}"
    assert PLACEHOLDER.search(stored.question)


async def test_every_door_of_the_api_gives_the_value_back(ana: User) -> None:
    answer = (await api(ana, "/api/v1/ask", {"question": QUESTION})).json()

    again = (await api(ana, f"/api/v1/answers/{answer['request_id']}")).json()
    whole = (await api(ana, f"/api/v1/conversations/{answer['conversation_id']}")).json()

    assert again["question"] == whole["messages"][0]["question"] == QUESTION


async def test_the_asker_s_page_shows_it_and_says_what_no_model_saw(ana: User) -> None:
    message = await ask_and_wait(user=ana, question=QUESTION)

    html = await in_thread(page, ana, message.conversation_id)

    assert f"Write to {MAIL}." in html
    assert "Hidden from the model: 1 e-mail address" in html


async def test_after_a_day_the_page_says_what_was_there(ana: User) -> None:
    message = await ask_and_wait(user=ana, question=QUESTION)
    await in_thread(vault.forget, [str(message.conversation_id)])

    html = await in_thread(page, ana, message.conversation_id)

    assert MAIL not in html
    assert '<span class="hidden-value">e-mail address, hidden</span>' in html


async def test_a_colleague_it_is_shared_with_reads_a_chip(ana: User, ben: User) -> None:
    await in_thread(make_document, owner=ana)
    message = await ask_and_wait(user=ana, question=QUESTION)
    given = await in_thread(share, user=ana, conversation_id=message.conversation_id, email=ben.email)

    client = Client()
    await in_thread(client.force_login, ben)
    html = (await in_thread(client.get, given.get_absolute_url())).content.decode()

    assert MAIL not in html
    assert "e-mail address, hidden" in html


async def test_another_question_in_its_place_is_hidden_too(ana: User) -> None:
    first = await ask_and_wait(user=ana, question="How many weeks of parental leave do I get?")

    second = await ask_instead(
        user=ana, conversation_id=first.conversation_id, request_id=first.pk, question=f"Is {CARD} covered?"
    )

    assert CARD not in (await Message.objects.aget(pk=second.pk)).question


async def test_the_turns_a_client_sends_along_are_hidden(ana: User) -> None:
    message = await ask_in_passing(
        user=ana, question="And how many days?", earlier=[(f"My card is {CARD}", f"I wrote to {MAIL}")]
    )

    turns = [
        f"{turn.question} {turn.answer}" async for turn in Message.objects.filter(conversation=message.conversation_id)
    ]
    assert not [turn for turn in turns if CARD in turn or MAIL in turn]


async def test_nothing_is_kept_when_nobody_can_look(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed() -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(numbers, "recognisers", killed)

    response = await api(ana, "/api/v1/ask", {"question": f"My card is {CARD}"})

    assert response.status_code == 503
    assert response.json()["code"] == GuardUnavailable.code
    assert await Conversation.objects.acount() == await Message.objects.acount() == 0


async def test_cleo_s_question_in_ana_s_conversation_leaves_no_value(ana: User, cleo: User) -> None:
    conversation = await in_thread(make_conversation, ana)

    response = await api(cleo, "/api/v1/ask", {"question": QUESTION, "conversation_id": str(conversation.pk)})

    assert response.status_code == 404
    assert await in_thread(values_of, str(conversation.pk)) == {}


async def test_with_a_conversation_its_values_go(ana: User) -> None:
    message = await ask_and_wait(user=ana, question=QUESTION)
    assert await in_thread(values_of, str(message.conversation_id))

    await delete(user=ana, conversation_id=message.conversation_id)

    assert await in_thread(values_of, str(message.conversation_id)) == {}


def test_a_name_of_a_conversation_is_hidden_and_fits(ana: User) -> None:
    conversation = make_conversation(ana)

    rename(user=ana, conversation_id=conversation.pk, title=f"About {' '.join(['a@b.co'] * 15)}")

    conversation.refresh_from_db()
    assert "a@b.co" not in conversation.title
    assert str(conversation).startswith("About ‹e-mail address, hidden›")


def test_the_form_for_its_name_shows_what_its_owner_wrote(ana: User) -> None:
    conversation = make_conversation(ana)
    rename(user=ana, conversation_id=conversation.pk, title=f"About {MAIL}")
    client = Client()
    client.force_login(ana)

    assert f'value="About {MAIL}"' in client.get(f"/c/{conversation.pk}/rename").content.decode()
    vault.forget([str(conversation.pk)])
    assert 'value="About ‹e-mail address, hidden›"' in client.get(f"/c/{conversation.pk}/rename").content.decode()


def test_who_searches_for_what_is_hidden_is_told_so(ana: User) -> None:
    client = Client()
    client.force_login(ana)

    def said(words: str) -> str:
        return client.get(
            reverse("search_conversations"), {"q": words}, headers={"HX-Request": "true"}
        ).content.decode()

    assert "Personal data is hidden" in said(MAIL)
    assert "Personal data is hidden" not in said("zebra")


async def test_a_question_may_outgrow_the_limit_by_its_placeholders(ana: User) -> None:
    question = " ".join([f"a{n}@b.co" for n in range(450)])
    assert len(question) < 5000

    message = await ask_and_wait(user=ana, question=question)
    assert len(message.question) > 5000
    assert message.status != Message.Status.ERROR

    again = await regenerate(user=ana, conversation_id=message.conversation_id, request_id=message.pk)
    await finish_running()
    await again.arefresh_from_db()
    assert again.question == message.question
    assert again.status != Message.Status.ERROR


async def test_a_placeholder_that_somebody_types_gives_nobody_s_value(ana: User, ben: User) -> None:
    """Not another person's, and not one's own of another conversation."""
    hidden = (await ask_and_wait(user=ana, question=QUESTION)).question
    (placeholder,) = (match[0] for match in PLACEHOLDER.finditer(hidden))

    for user in (ben, ana):
        answer = (await api(user, "/api/v1/ask", {"question": f"Whose address is {placeholder}?"})).json()
        assert placeholder in answer["question"]
        assert MAIL not in json.dumps(answer)
    other = await ask_and_wait(user=ana, question="How many weeks?")
    instead = await ask_instead(
        user=ana, conversation_id=other.conversation_id, request_id=other.pk, question=f"Who is {placeholder}?"
    )
    await finish_running()
    assert MAIL not in await in_thread(page, ana, instead.conversation_id)


def test_note_reply_and_comment_are_hidden(ana: User, ben: User) -> None:
    message = make_message(make_conversation(ana))
    escalation = escalate(
        user=ana, request_id=message.pk, to=Recipient("Ben", "", person=ben), note=f"Reach me: {MAIL}"
    )
    answered = reply(user=ben, escalation_id=escalation.pk, text=f"Use {CARD}")
    feedback = rate(user=ana, request_id=message.pk, rating="down", comment=f"It told {MAIL}")

    escalation.refresh_from_db()
    feedback.refresh_from_db()
    kept = f"{escalation.note} {answered.reply} {feedback.comment}"
    assert MAIL not in kept
    assert CARD not in kept
    html = page(ana, message.conversation_id)
    assert CARD in html
    assert f"It told {MAIL}" in html


class TestTools:
    @pytest.fixture
    def system(self) -> Iterator[System]:
        with running_system() as running:
            running.says({"ticket": "IT-7", "sent_to": MAIL})
            yield running

    @pytest.fixture
    def message(self, ana: User) -> Message:
        return make_message(make_conversation(ana))

    async def test_a_tool_gets_the_value_that_neither_row_nor_model_has(
        self, system: System, ana: User, message: Message
    ) -> None:
        scope = str(message.conversation_id)
        connector = await in_thread(make_ticket_connector, system.url, changes_something=False)
        said_by_model = await in_thread(hide_of, ana, f"Card {CARD} is lost", scope=scope)

        outcome = await tools.look_up(
            tool=tool_of(connector),
            arguments={"summary": said_by_model},
            person=await in_thread(Person.of, ana),
            request_id=message.pk,
        )

        row = await ToolUse.objects.aget()
        kept = f"{row.arguments} {row.shown} {row.result} {row.outcome} {row.error}"
        assert system.heard[0].body == {"summary": f"Card {CARD} is lost"}
        assert outcome.result
        assert not [text for text in (kept, outcome.result.text) if CARD in text or MAIL in text]
        assert row.arguments == {"summary": said_by_model}

    async def test_a_card_confirms_what_it_shows(self, system: System, ana: User, message: Message) -> None:
        connector = await in_thread(make_ticket_connector, system.url)
        person = await in_thread(Person.of, ana)

        use = await in_thread(
            tools.propose,
            tool=tool_of(connector),
            arguments={"summary": f"Card {CARD} is lost"},
            person=person,
            request_id=message.pk,
        )
        done = await tools.confirm(user=ana, use_id=use.pk)

        assert CARD not in str(use.arguments)
        assert done.state == ToolUse.State.DONE, done.error
        assert system.heard[0].body == {"summary": f"Card {CARD} is lost"}

    async def test_no_system_gets_a_placeholder(self, system: System, ana: User, message: Message) -> None:
        connector = await in_thread(make_ticket_connector, system.url)
        use = await in_thread(
            tools.propose,
            tool=tool_of(connector),
            arguments={"summary": f"Card {CARD} is lost"},
            person=await in_thread(Person.of, ana),
            request_id=message.pk,
        )
        await in_thread(vault.forget, [str(message.conversation_id)])

        done = await tools.confirm(user=ana, use_id=use.pk)

        assert done.state == ToolUse.State.FAILED
        assert "not kept any more" in done.error
        assert system.heard == []


async def told(*pieces: str) -> Any:
    for seq, piece in enumerate(pieces, 1):
        yield Event(seq, "delta", {"seq": seq, "text": piece})


@pytest.mark.parametrize("cut", range(1, 16))
async def test_a_placeholder_is_restored_however_its_stream_is_cut(cut: int) -> None:
    text = "To [EMAIL_0a1b2c]."
    hidden = Hidden(uuid4(), {"[EMAIL_0a1b2c]": MAIL})

    pieces = [event.data["text"] async for event in unveiled(told(text[:cut], text[cut:]), hidden)]

    assert "".join(pieces) == f"To {MAIL}."
    assert not [piece for piece in pieces if "EMAIL" in piece]


def test_sentences_keep_their_places_when_values_are_longer() -> None:
    answer = "To [EMAIL_0a1b2c]. Every parent gets 16 weeks."
    sentence = {"index": 1, "start": answer.index("Every"), "end": len(answer), "state": "proved", "cites": [1]}
    empty = dict.fromkeys(("request_id", "conversation_id", "question", "status", "model", "prompt_version"), "")
    unknown = dict.fromkeys(("cached", "cost_usd", "latency_ms", "ttft_ms"))
    usage = {"input_tokens": 0, "output_tokens": 0}
    told = {"answer": answer, "sources": [], "proof": [sentence | {"reason": ""}], "confidence": 1, "usage": usage}
    given = AnswerOut.model_validate({**empty, **unknown, **told})

    clear = given.unveiled({"[EMAIL_0a1b2c]": MAIL})

    assert clear.answer[clear.proof[0].start : clear.proof[0].end] == "Every parent gets 16 weeks."
