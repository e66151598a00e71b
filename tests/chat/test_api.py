"""Asking over HTTP, by JSON and by server-sent events."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext

from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from governance.access.models import User
from governance.gateway.models import Inference
from knowledge.documents.models import Document
from tests.cast import bearer, make_document
from tests.chat.rows import make_conversation, make_message, make_version

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How many weeks of parental leave do I get?"


async def post(user: User, body: dict[str, Any], **headers: str) -> Any:
    keys = await in_thread(bearer, user)
    return await AsyncClient().post(
        "/api/v1/ask", json.dumps(body), content_type="application/json", headers=keys | headers
    )


async def ask(user: User, question: str = QUESTION) -> dict[str, Any]:
    response = await post(user, {"question": question})
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


async def test_an_answer_carries_its_proof(ana: User) -> None:
    document = await in_thread(make_document, owner=ana)
    answer = await ask(ana)
    assert answer["status"] == "success"
    assert "16 weeks" in answer["answer"]
    assert "[1]" in answer["answer"]
    assert answer["sources"][0]["path"] == document.path
    assert "16 weeks" in answer["sources"][0]["quote"]
    assert answer["cost_usd"] == "0.000000"


async def test_cleo_outside_the_audience_gets_no_trace_of_it(ana: User, cleo: User, team: Group) -> None:
    await in_thread(make_document, groups=(team,), owner=ana)
    answer = await ask(cleo)
    assert answer["status"] == "no_answer"
    assert answer["sources"] == []
    assert "16" not in answer["answer"]
    assert "Ana" not in answer["answer"]


async def test_ben_on_the_team_gets_the_answer(ana: User, ben: User, team: Group) -> None:
    await in_thread(make_document, groups=(team,), owner=ana)
    assert (await ask(ben))["status"] == "success"


async def test_an_off_corpus_question_names_whom_to_ask(ana: User) -> None:
    await in_thread(make_document)
    answer = await ask(ana, "What is the CEO's favourite colour?")
    assert answer["status"] == "no_answer"
    assert "Please ask" in answer["answer"]


async def test_events_say_the_same_as_the_object(ana: User) -> None:
    await in_thread(make_document)
    response = await post(ana, {"question": QUESTION}, Accept="text/event-stream")
    events = [part async for part in response.streaming_content]
    kinds = [line.removeprefix(b"event: ").decode() for e in events for line in e.split(b"\n") if b"event: " in line]
    assert [kinds[0], kinds[-1]] == ["status", "done"]
    assert set(kinds) == {"status", "delta", "proof", "sources", "done"}
    data = [json.loads(e.split(b"data: ", 1)[1]) for e in events]
    told = "".join(d["text"] for d, kind in zip(data, kinds, strict=True) if kind == "delta")
    assert told.strip() == data[-1]["answer"]


async def test_each_call_to_a_model_leaves_a_row(ana: User) -> None:
    await in_thread(make_document)
    answer = await ask(ana)
    row = await in_thread(Inference.objects.get, request_id=answer["request_id"])
    assert (row.provider, row.user_id, row.status) == ("reader", ana.pk, "success")
    assert row.prompt_version == answer["prompt_version"]


@pytest.mark.parametrize(("question", "code"), [("", "question_empty"), ("x" * 5001, "question_too_long")])
async def test_a_question_that_cannot_be_asked_stores_nothing(ana: User, question: str, code: str) -> None:
    response = await post(ana, {"question": question})
    assert response.status_code == 400
    assert response.json()["code"] == code
    assert response["Content-Type"] == "application/problem+json"
    assert not await Conversation.objects.aexists()


async def test_a_conversation_answers_one_question_at_a_time(ana: User) -> None:
    conversation = await Conversation.objects.acreate(user=ana)
    await Message.objects.acreate(conversation=conversation, question="still running")
    response = await post(ana, {"question": QUESTION, "conversation_id": str(conversation.pk)})
    assert (response.status_code, response.json()["code"]) == (409, "conversation_busy")


async def test_cleo_cannot_go_on_in_ana_s_conversation(ana: User, cleo: User) -> None:
    conversation = await Conversation.objects.acreate(user=ana)
    response = await post(cleo, {"question": QUESTION, "conversation_id": str(conversation.pk)})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_without_a_key_the_answer_is_401_with_a_code(client: Client) -> None:
    response = client.get("/api/v1/conversations")
    assert (response.status_code, response.json()["code"]) == (401, "sign_in_required")


def test_a_key_that_was_revoked_opens_nothing(client: Client, ana: User) -> None:
    headers = bearer(ana)
    ana.api_keys.update(revoked_at="2026-01-01T00:00:00Z")
    assert client.get("/api/v1/conversations", headers=headers).status_code == 401


def test_conversations_are_one_s_own(client: Client, ana: User, cleo: User) -> None:
    conversation = Conversation.objects.create(user=ana, title="Leave")
    assert client.get("/api/v1/conversations", headers=bearer(cleo)).json() == []
    assert client.get(f"/api/v1/conversations/{conversation.pk}", headers=bearer(cleo)).status_code == 404
    assert client.get("/api/v1/conversations", headers=bearer(ana)).json()[0]["title"] == "Leave"


def test_what_is_closed_to_the_person_by_now_is_no_source_any_more(client: Client, ana: User) -> None:
    message = make_message(make_conversation(ana), make_version())
    paths = (f"/api/v1/answers/{message.pk}", f"/api/v1/conversations/{message.conversation_id}")
    for path in paths:
        assert b"Leave guide" in client.get(path, headers=bearer(ana)).content
    Document.objects.update(for_everyone=False)
    for path in paths:
        told = client.get(path, headers=bearer(ana)).json()
        assert told.get("messages", [told])[0]["sources"] == []


def test_for_the_titles_of_documents_their_texts_stay_in_the_database(client: Client, ana: User) -> None:
    message = make_message(make_conversation(ana), make_version())
    keys = bearer(ana)
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/api/v1/answers/{message.pk}", headers=keys)
        client.get(f"/api/v1/conversations/{message.conversation_id}", headers=keys)
    assert [query["sql"] for query in asked if '"blocks"' in query["sql"]] == []


def test_a_body_of_nine_megabytes_is_refused_with_a_code(client: Client, ana: User) -> None:
    body = json.dumps({"question": "x" * 9_000_000})
    response = client.post("/api/v1/ask", body, content_type="application/json", headers=bearer(ana))
    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")


def test_a_malformed_body_says_what_is_missing(client: Client, ana: User) -> None:
    response = client.post("/api/v1/ask", "{}", content_type="application/json", headers=bearer(ana))
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")
    assert "question" in response.json()["detail"]
