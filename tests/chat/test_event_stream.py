"""Reading an answer's events over HTTP: resumed, expired, and kept open while nothing happens."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import AsyncClient

from askacme.lib.redis import client
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.conversations.stream import KEEP_ALIVE, server_sent, with_pauses
from chat.runs.events import ATTEMPT, Event
from chat.runs.services import ask, finish_running
from chat.runs.ship import stream_key
from governance.access.models import User
from knowledge.documents.models import Document
from tests.cast import bearer, make_document

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How many weeks of parental leave do I get?"


@dataclass(frozen=True)
class Sent:
    """One server-sent event, as a client takes it apart."""

    id: int
    type: str
    data: dict[str, Any]


def sent(raw: bytes) -> list[Sent]:
    parts = [part.decode() for part in raw.split(b"\n\n") if part and not part.startswith(b":")]
    fields = [dict(line.split(": ", 1) for line in part.split("\n")) for part in parts]
    return [Sent(int(field["id"]), field["event"], json.loads(field["data"])) for field in fields]


async def events_for(user: User, request_id: object, after: str = "", **headers: str) -> list[Sent]:
    keys = await in_thread(bearer, user)
    path = f"/api/v1/answers/{request_id}/events"
    response: Any = await AsyncClient().get(path, {"after": after} if after else {}, headers=keys | headers)
    assert response.status_code == 200, response.content
    return sent(b"".join([part async for part in response.streaming_content]))


def text_of(events: list[Sent]) -> str:
    """The text as a client keeps it."""
    text = ""
    for event in events:
        if event.type == "reset":
            text = event.data["text"]
        elif event.type == "delta":
            text += event.data["text"]
    return text.strip()


def proof_in(events: list[Sent]) -> list[dict[str, Any]]:
    return [event.data | {"seq": 0} for event in events if event.type == "proof"]


@pytest.fixture
async def answered(ana: User) -> Message:
    """An answer that Ana got a moment ago."""
    await in_thread(make_document)
    message = await ask(user=ana, question=QUESTION, conversation_id=None)
    await finish_running()
    await message.arefresh_from_db()
    return message


async def test_from_every_event_on_the_answer_goes_on_without_a_word_twice(ana: User, answered: Message) -> None:
    whole = await events_for(ana, answered.pk)
    assert text_of(whole) == answered.answer
    assert [event.type for event in whole][-2:] == ["sources", "done"]
    for place, event in enumerate(whole[:-1], start=1):
        assert await events_for(ana, answered.pk, **{"Last-Event-ID": str(event.id)}) == whole[place:]
    assert await events_for(ana, answered.pk, after=str(whole[2].id)) == whole[3:]


@pytest.mark.parametrize("unknown", ["garbage", "-1", "1e3", "²", str(ATTEMPT + 1), "9" * 40])
async def test_an_id_that_never_was_begins_anew(ana: User, answered: Message, unknown: str) -> None:
    first, *rest = await events_for(ana, answered.pk, after=unknown)
    assert (first.type, first.data["text"]) == ("reset", "")
    assert rest == await events_for(ana, answered.pk)


async def test_once_its_events_have_expired_what_is_stored_says_the_same(ana: User, answered: Message) -> None:
    whole = await events_for(ana, answered.pk)
    await client().delete(stream_key(answered.pk))
    stored = await events_for(ana, answered.pk, after=str(whole[3].id))
    assert [event.type for event in stored] == ["reset", "proof", "sources", "done"]
    assert text_of(stored) == answered.answer
    assert proof_in(stored) == proof_in(whole)
    assert [event.data for event in stored[-2:]] == [event.data for event in whole[-2:]]


@pytest.mark.parametrize("has_expired", [False, True])
async def test_what_is_closed_to_the_person_by_now_is_not_told_again(
    ana: User, answered: Message, has_expired: bool
) -> None:
    *_, sources, done = await events_for(ana, answered.pk)
    assert sources.data["sources"] == done.data["sources"] != []
    await Document.objects.aupdate(for_everyone=False)
    if has_expired:
        await client().delete(stream_key(answered.pk))
    *_, sources, done = await events_for(ana, answered.pk)
    assert (sources.data["sources"], done.data["sources"]) == ([], [])
    assert [sources.type, done.type] == ["sources", "done"]


async def test_another_person_s_answer_is_not_there(cleo: User, answered: Message) -> None:
    keys = await in_thread(bearer, cleo)
    response = await AsyncClient().get(f"/api/v1/answers/{answered.pk}/events", headers=keys)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_the_answer_is_made_to_its_end_when_nobody_listens_any_more(ana: User) -> None:
    await in_thread(make_document)
    keys = await in_thread(bearer, ana) | {"Accept": "text/event-stream"}
    body = json.dumps({"question": QUESTION})
    response: Any = await AsyncClient().post("/api/v1/ask", body, content_type="application/json", headers=keys)
    parts = aiter(response.streaming_content)
    await anext(parts)
    await parts.aclose()
    await finish_running()
    assert (await Message.objects.aget()).status == "success"


async def silence(gate: asyncio.Event) -> AsyncGenerator[Event]:
    yield Event(1, "status", {"stage": "queued", "place": 7})
    await gate.wait()
    yield Event(2, "done", {})


async def test_a_silent_answer_gives_signs_of_life_and_loses_nothing() -> None:
    gate = asyncio.Event()
    told = [event async for event in pauses_until_the_gate_opens(gate)]
    assert [event.seq if event else None for event in told] == [1, None, None, 2]


async def pauses_until_the_gate_opens(gate: asyncio.Event) -> AsyncGenerator[Event | None]:
    pauses = 0
    async for event in with_pauses(silence(gate), every_s=0.01):
        pauses += event is None
        if pauses == 2:
            gate.set()
        yield event


async def test_a_sign_of_life_is_a_comment_that_clients_pass_over() -> None:
    gate = asyncio.Event()
    gate.set()
    raw = KEEP_ALIVE + b"".join([part async for part in server_sent(silence(gate))])
    assert [event.type for event in sent(raw)] == ["status", "done"]
