"""Secrets planted wherever people, models and tools write; then everything that is kept is searched for them."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from celery import shared_task
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings as configured
from django.db import connection
from django.test import AsyncClient
from pytest_django import Settings

from askacme.config import ProviderConfig, ProviderModels
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.conversations.services import rename
from chat.escalation.recipients import Recipient
from chat.escalation.services import escalate, reply
from chat.routing import websocket_urlpatterns
from chat.runs.services import finish_running
from chat.tools import services as tools
from chat.tools.models import ToolUse
from chat.tools.registry import tool_of
from chat.tools.values import Person
from governance.access.models import User
from governance.feedback.services import rate
from governance.guardrails.pii.log_filter import Discreet
from tests.cast import bearer, make_document
from tests.chat.systems import System, make_ticket_connector, running_system
from tests.llm_simulator import Reply, Simulator, running_simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

CARD = "4111 1111 1111 1111"
IBAN = "DE89 3704 0044 0532 0130 00"
SSN = "219-45-6789"
MAIL = "maria.lind@private.example"
KEY = "AKIA" + "IOSFODNN7EXAMPLE"
PLANTED = {"card": CARD, "iban": IBAN, "ssn": SSN, "mail": MAIL, "key": KEY}
WEEKS = "How many weeks of parental leave do I get?"
QUESTION = f"{WEEKS} Card {CARD}, account {IBAN}, SSN {SSN}, mail {MAIL}, key {KEY}."


@shared_task
def raise_about(words: str) -> None:
    raise RuntimeError(f"Could not do it for {words}")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that the handler of every process would write."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(Discreet())
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


@pytest.fixture
def simulator(settings: Settings) -> Iterator[Simulator]:
    with running_simulator() as running:
        provider = ProviderConfig(name="sim", kind="openai", base_url=running.base_url, models=ProviderModels(fast="m"))
        settings.ASKACME = settings.ASKACME.model_copy(update={"llm_providers": (provider,)})
        yield running


@pytest.fixture
def system() -> Iterator[System]:
    with running_system() as running:
        running.says({"ticket": "IT-7", "card": CARD, "mail": MAIL})
        yield running


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_none_of_it_is_in_the_database_in_redis_or_in_a_log(
    ana: User, ben: User, simulator: Simulator, system: System, logged: io.StringIO
) -> None:
    await in_thread(make_document, owner=ana)
    answer = await asked_over_rest(ana, simulator)
    assert answer["question"] == QUESTION, "the asker reads what was hidden"
    await asked_over_a_socket(ana, simulator)
    await asked_while_the_provider_fails(ana, simulator)
    await in_thread(written_by_hand, ana, ben, UUID(answer["request_id"]))
    await tool_used(ana, system, UUID(answer["request_id"]))
    raise_about.apply(args=(QUESTION,))
    logging.getLogger("chat").warning("Asked %r", {"question": QUESTION})
    await finish_running()

    assert await Message.objects.acount() == 3
    assert found_in(await in_thread(database_dump)) == []
    assert found_in(redis_dump()) == []
    assert found_in(json.dumps(simulator.requests, ensure_ascii=False)) == []
    assert "Could not do it for" in logged.getvalue()
    assert found_in(logged.getvalue()) == []


def test_the_search_itself_finds_what_is_there(ana: User) -> None:
    """A dump that shows nothing would prove nothing."""
    ana.name = MAIL
    ana.save()
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        client.xadd("planted", {"said": QUESTION})

    assert found_in(database_dump()) == ["mail"]
    assert found_in(redis_dump()) == list(PLANTED)


async def asked_over_rest(user: User, simulator: Simulator) -> dict[str, Any]:
    simulator.script[:] = [Reply(text="Parents get 16 weeks of fully paid parental leave. [1]")]
    response = await AsyncClient().post(
        "/api/v1/ask",
        json.dumps({"question": QUESTION}),
        content_type="application/json",
        headers=await in_thread(bearer, user),
    )
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


async def asked_over_a_socket(user: User, simulator: Simulator) -> None:
    simulator.script[:] = [Reply(text="I can't say. NO_ANSWER")]
    tab = WebsocketCommunicator(URLRouter(websocket_urlpatterns), f"/ws/chat/{uuid4()}/")
    tab.scope["user"] = user
    assert (await tab.connect())[0]
    await tab.send_to(text_data=json.dumps({"question": QUESTION}))
    frames = ""
    while "data-status" not in frames:
        frames += await tab.receive_from(30)
    await tab.disconnect()
    await get_channel_layer().close_pools()
    assert MAIL in frames, "the asker's page shows what was hidden"


async def asked_while_the_provider_fails(user: User, simulator: Simulator) -> None:
    """Its error quotes what it was asked, as some do."""
    simulator.script[:] = [Reply(status=400, error_type="invalid_request_error", error_message=QUESTION)]
    await AsyncClient().post(
        "/api/v1/ask",
        json.dumps({"question": QUESTION}),
        content_type="application/json",
        headers=await in_thread(bearer, user),
    )


def written_by_hand(ana: User, ben: User, request_id: UUID) -> None:
    message = Message.objects.get(pk=request_id)
    rename(user=ana, conversation_id=message.conversation_id, title=f"About {MAIL} and {CARD}")
    escalation = escalate(user=ana, request_id=request_id, to=Recipient("Ben", "", person=ben), note=QUESTION)
    reply(user=ben, escalation_id=escalation.pk, text=f"Tell {MAIL} about {IBAN}; {SSN}, {KEY}")
    rate(user=ana, request_id=request_id, rating="down", comment=QUESTION)


async def tool_used(user: User, system: System, request_id: UUID) -> None:
    connector = await in_thread(make_ticket_connector, system.url, changes_something=False)
    person = await in_thread(Person.of, user)
    await tools.look_up(tool=tool_of(connector), arguments={"summary": QUESTION}, person=person, request_id=request_id)
    system.says({"detail": f"No such person: {QUESTION}"}, status=422)
    await tools.look_up(tool=tool_of(connector), arguments={"summary": QUESTION}, person=person, request_id=request_id)
    assert [heard.body["summary"] for heard in system.heard] == [QUESTION, QUESTION]
    assert await ToolUse.objects.acount() == 2


def database_dump() -> str:
    """Every row of every table, as PostgreSQL writes it out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace"
        )
        tables = [name for (name,) in cursor.fetchall()]
        dump = ""
        for table in tables:
            with cursor.copy(f'COPY (SELECT * FROM "{table}") TO STDOUT') as copy:
                dump += "".join(bytes(row).decode() for row in copy)
    return dump


def redis_dump() -> str:
    """Every key, whatever it is; a DUMP would be compressed."""
    read = {
        "string": lambda client, key: client.get(key),
        "hash": lambda client, key: client.hgetall(key),
        "list": lambda client, key: client.lrange(key, 0, -1),
        "set": lambda client, key: client.smembers(key),
        "zset": lambda client, key: client.zrange(key, 0, -1),
        "stream": lambda client, key: client.xrange(key),
    }
    with redis.Redis.from_url(configured.REDIS_URL) as client:
        return "\n".join(f"{key!r} {read[client.type(key).decode()](client, key)!r}" for key in client.scan_iter())


def found_in(text: str) -> list[str]:
    """Whatever separates the signs of a value."""
    bare = re.sub(r"[^A-Za-z0-9@]", "", text)
    return [name for name, value in PLANTED.items() if re.sub(r"[^A-Za-z0-9@]", "", value) in bare]
