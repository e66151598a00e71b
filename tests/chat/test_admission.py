"""Usage limits at the doors of the chat: refused, queued, counted."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.core.management import call_command
from django.db.models.signals import post_save
from django.test import AsyncClient
from pytest_django import Settings

from askacme.lib.errors import QuestionEmpty, RateLimited
from askacme.lib.redis import client
from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from chat.conversations.passing import ask_in_passing
from chat.escalation.offer import topics_or_none
from chat.mcp.tools import Passages, Searched, search_documents
from chat.routing import websocket_urlpatterns
from chat.runs.follow import follow
from chat.runs.services import ask, finish_running, stop
from governance.access.models import User
from governance.gateway.limits import buckets, services
from governance.gateway.limits.allowance import Allowance, Share
from governance.gateway.limits.buckets import Claim, Outcome, claim_of
from governance.gateway.limits.models import UsageLimit
from tests.cast import bearer, make_document
from tests.chat.handed import make_refusal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

QUESTION = "How many weeks of parental leave do I get?"
WAITING = "Waiting for a free place: number 1 in line…"
Scope = UsageLimit.Scope


@pytest.fixture
async def one_a_minute() -> None:
    await UsageLimit.objects.acreate(scope=Scope.EACH_PERSON, requests_per_minute=1)


@pytest.fixture
async def crowd() -> Claim:
    """Somebody else's answer, which takes the one place there is."""
    await UsageLimit.objects.acreate(scope=Scope.EVERYONE_TOGETHER, concurrent_runs=1)
    theirs = claim_of("theirs", [Share("everyone", "everyone", "", Allowance(concurrent_runs=1))])
    assert (await buckets.enter(theirs)).verdict == "admitted"
    return theirs


@pytest.fixture
async def tab(ana: User) -> AsyncIterator[Any]:
    """Ana's, on a new conversation."""
    communicator = WebsocketCommunicator(URLRouter(websocket_urlpatterns), f"/ws/chat/{uuid4()}/")
    communicator.scope["user"] = ana
    assert (await communicator.connect())[0]
    yield communicator
    await communicator.disconnect()
    await get_channel_layer().close_pools()
    await client().aclose()


async def frame_with(tab: Any, text: str) -> str:
    while text not in (received := await tab.receive_from(30)):
        pass
    return str(received)


async def post(user: User, question: str = QUESTION) -> Any:
    keys = await in_thread(bearer, user)
    body = json.dumps({"question": question})
    return await AsyncClient().post("/api/v1/ask", body, content_type="application/json", headers=keys)


async def ended(request_id: UUID) -> Message:
    async for _ in follow(request_id):
        pass
    await finish_running()
    return await Message.objects.aget(pk=request_id)


# Refused


async def test_the_api_says_429_and_when_again(ana: User, one_a_minute: None) -> None:
    assert (await post(ana)).status_code == 200
    refused = await post(ana)
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert refused.json()["code"] == "rate_limited"
    assert "You have asked 1 question in the last minute." in refused.json()["detail"]
    assert 50 <= int(refused["Retry-After"]) <= 60


async def test_the_chat_says_it_in_a_sentence_beside_the_question_box(tab: Any, one_a_minute: None) -> None:
    await tab.send_json_to({"question": QUESTION})
    await frame_with(tab, 'data-state="done"')
    await tab.send_json_to({"question": QUESTION})
    said = await tab.receive_from(30)
    assert "data-composer-error" in said
    assert "You have asked 1 question in the last minute. You can ask again in" in said


async def test_nothing_is_stored_of_a_refused_question(ana: User, one_a_minute: None) -> None:
    await ask(user=ana, question=QUESTION, conversation_id=None)
    with pytest.raises(RateLimited):
        await ask(user=ana, question=QUESTION, conversation_id=None)
    assert (await Message.objects.acount(), await Conversation.objects.acount()) == (1, 1)


async def test_nothing_is_even_written_of_a_refused_conversation(ana: User, one_a_minute: None) -> None:
    written: list[Any] = []
    await ask(user=ana, question=QUESTION, conversation_id=None)

    def note(sender: Any, **_: Any) -> None:
        written.append(sender)

    post_save.connect(note, Message)
    try:
        with pytest.raises(RateLimited):
            await ask_in_passing(user=ana, question=QUESTION, earlier=[("And?", "So.")])
    finally:
        post_save.disconnect(note, Message)
    assert written == []


async def test_cleo_s_questions_do_not_count_against_ben(ben: User, cleo: User, one_a_minute: None) -> None:
    assert [(await post(cleo)).status_code for _ in range(2)] == [200, 429]
    assert (await post(ben)).status_code == 200


async def test_a_question_that_cannot_be_asked_costs_nothing(ana: User, one_a_minute: None) -> None:
    with pytest.raises(QuestionEmpty):
        await ask(user=ana, question=" ", conversation_id=None)
    await ask(user=ana, question=QUESTION, conversation_id=None)


async def test_a_question_into_a_busy_conversation_leaves_its_place(ana: User) -> None:
    await UsageLimit.objects.acreate(scope=Scope.EACH_PERSON, concurrent_runs=1)
    conversation = await Conversation.objects.acreate(user=ana)
    await Message.objects.acreate(conversation=conversation, question=QUESTION)
    assert (await post_into(conversation, ana)).status_code == 409
    assert (await post(ana)).status_code == 200


async def post_into(conversation: Conversation, user: User) -> Any:
    keys = await in_thread(bearer, user)
    body = json.dumps({"question": QUESTION, "conversation_id": str(conversation.pk)})
    return await AsyncClient().post("/api/v1/ask", body, content_type="application/json", headers=keys)


async def test_off_limits_nobody(ana: User, one_a_minute: None, settings: Settings) -> None:
    settings.ASKACME = settings.ASKACME.model_copy(update={"rate_limits": "off"})
    assert [(await post(ana)).status_code for _ in range(3)] == [200, 200, 200]


async def test_an_operator_s_command_is_not_limited(ana: User, one_a_minute: None) -> None:
    for _ in range(3):
        out = StringIO()
        await in_thread(call_command, "ask", QUESTION, user=ana.email, stdout=out)
        assert out.getvalue()


async def test_an_ended_answer_has_left_its_place(ana: User) -> None:
    await UsageLimit.objects.acreate(scope=Scope.EACH_PERSON, concurrent_runs=1)
    assert [(await post(ana)).status_code for _ in range(3)] == [200, 200, 200]


async def test_an_answer_s_tokens_count_against_the_next_question(ana: User) -> None:
    await UsageLimit.objects.acreate(scope=Scope.EACH_PERSON, tokens_per_minute=1)
    await in_thread(make_document)
    assert [(await post(ana)).status_code for _ in range(2)] == [200, 429]


async def search_api(user: User) -> Any:
    keys = await in_thread(bearer, user)
    return await AsyncClient().get("/api/v1/search", {"q": QUESTION}, headers=keys)


async def test_a_search_counts_as_a_question(ana: User, one_a_minute: None) -> None:
    assert [(await search_api(ana)).status_code for _ in range(2)] == [200, 429]


async def test_looking_for_topics_counts_as_a_question(ana: User, one_a_minute: None) -> None:
    await in_thread(make_document)
    refused = await in_thread(make_refusal, ana, question="What is parental leave for?")
    assert [len(await in_thread(topics_or_none, ana, refused)) for _ in range(2)] == [1, 0]


# Queued


async def search_tool(user: User) -> Passages:
    return await search_documents(Searched(query=QUESTION), user, "")


@pytest.mark.parametrize("door", [search_api, search_tool])
async def test_a_search_waits_for_its_turn(
    ana: User, crowd: Claim, door: Callable[[User], Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    advance, waited = buckets.advance, []

    async def leave_first(claim: Claim) -> Outcome:
        waited.append(claim)
        await buckets.leave(crowd)
        return await advance(claim)

    monkeypatch.setattr(buckets, "advance", leave_first)
    await door(ana)
    assert len(waited) == 1
    assert not await client().zcard("{limits}:everyone:running")


async def test_a_search_does_not_wait_for_ever(ana: User, crowd: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "wait_for_place", partial(services.wait_for_place, patience_s=0))
    assert (await search_api(ana)).status_code == 429
    with pytest.raises(RateLimited):
        await search_tool(ana)
    assert not await client().exists("{limits}:everyone:queue")


async def test_a_queued_question_shows_its_place_and_is_answered_in_its_turn(tab: Any, crowd: Claim) -> None:
    await tab.send_json_to({"question": QUESTION})
    assert WAITING in await frame_with(tab, "number 1")
    await buckets.leave(crowd)
    assert 'data-status="no_answer"' in await frame_with(tab, 'data-state="done"')


async def test_the_queue_is_told_as_an_event(ana: User, crowd: Claim) -> None:
    message = await ask(user=ana, question=QUESTION, conversation_id=None)
    async for event in follow(message.request_id):
        if event.data.get("stage") == "queued":
            assert event.data == {"stage": "queued", "place": 1}
            await buckets.leave(crowd)
        assert event.type != "error"
    assert event.type == "done"


async def test_no_free_place_in_time_ends_in_a_sentence(
    ana: User, crowd: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "wait_for_place", partial(services.wait_for_place, patience_s=0))
    message = await ended((await ask(user=ana, question=QUESTION, conversation_id=None)).request_id)
    assert (message.state, message.status) == ("failed", "error")
    assert "no place became free in time" in message.answer


async def test_a_question_can_be_stopped_in_the_queue(ana: User, crowd: Claim) -> None:
    message = await ask(user=ana, question=QUESTION, conversation_id=None)
    await stop(user=ana, request_id=message.request_id)
    assert (await ended(message.request_id)).state != "running"
    assert not await client().exists("{limits}:everyone:queue")
