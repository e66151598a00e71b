"""The chat's websocket."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from askacme.lib.redis import client
from askacme.lib.threads import in_thread
from chat.conversations import consumers, presence
from chat.conversations.models import Conversation, Message
from chat.routing import websocket_urlpatterns
from chat.runs.keeper import INTERRUPTED, close_as_broken
from chat.runs.services import group_name
from chat.runs.tail import Tail, close_tail, open_tail
from governance.access.models import User
from tests.chat.rows import make_conversation, make_message, make_running, make_version

pytestmark = pytest.mark.django_db(transaction=True)

Tab = Any
OpenTab = Callable[..., Awaitable[Tab]]
PATIENCE_S = 30
PROOF = re.compile(r'<span class="proof" id="[^"]+"></span>')


@pytest.fixture
async def open_tab() -> AsyncIterator[OpenTab]:
    """Opens tabs as a person, and closes them after the test."""
    tabs: list[Tab] = []

    async def open_one(
        user: User | AnonymousUser, conversation_id: UUID, cookies: Mapping[str, str] | None = None
    ) -> Tab:
        tab = WebsocketCommunicator(URLRouter(websocket_urlpatterns), f"/ws/chat/{conversation_id}/")
        tab.scope["user"] = user
        if cookies:
            tab.scope["cookies"] = cookies
        assert (await tab.connect())[0]
        tabs.append(tab)
        return tab

    yield open_one
    for tab in tabs:
        await tab.disconnect()
    await get_channel_layer().close_pools()
    await client().aclose()


@pytest.fixture
def conversation(ana: User) -> Conversation:
    return make_conversation(ana)


async def frame(tab: Tab) -> str:
    """The next frame, without the places for proof at the ends of its sentences."""
    return PROOF.sub("", await tab.receive_from(PATIENCE_S))


async def joined(tab: Tab) -> Tab:
    """The tab, once it listens: accepting a connection comes before that."""
    await tab.send_to(text_data="{}")
    await frame_with(tab, "data-composer-error")
    return tab


async def frame_with(tab: Tab, text: str) -> str:
    while text not in (received := await frame(tab)):
        pass
    return received


async def begin(conversation: Conversation) -> tuple[Message, Tail]:
    """An answer that this process makes."""
    message = await in_thread(make_running, conversation)
    return message, open_tail(message.request_id, attempt=1)


async def announce(message: Message) -> None:
    event = {"type": "run.started", "request_id": str(message.request_id)}
    await get_channel_layer().group_send(group_name(message.conversation_id), event)


def seq_of(html: str) -> int:
    return max(int(n) for n in re.findall(r'data-seq="(\d+)"', html))


async def test_a_stranger_is_sent_to_sign_in(open_tab: OpenTab) -> None:
    tab = await open_tab(AnonymousUser(), uuid4())
    assert (await tab.receive_output(PATIENCE_S))["code"] == 4401


async def test_cleo_cannot_listen_to_ana_s_conversation(
    open_tab: OpenTab, conversation: Conversation, cleo: User
) -> None:
    tab = await open_tab(cleo, conversation.pk)
    assert (await tab.receive_output(PATIENCE_S))["code"] == 4404


async def test_cleo_who_waits_under_a_future_conversation_s_id_hears_nothing(
    open_tab: OpenTab, ana: User, cleo: User
) -> None:
    tab = await joined(await open_tab(cleo, future := uuid4()))
    conversation = await in_thread(make_conversation, ana, id=future)
    message, tail = await begin(conversation)
    tail.append("delta", {"text": "secret"})
    await announce(message)
    assert await tab.receive_nothing(0.5)


async def test_a_question_is_answered_to_its_end(open_tab: OpenTab, ana: User) -> None:
    tab = await open_tab(ana, uuid4())
    await tab.send_json_to({"question": "How many weeks of leave?", "HEADERS": {"HX-Request": "true"}})
    started = await frame_with(tab, 'hx-swap-oob="beforeend:#thread"')
    assert "How many weeks of leave?" in started
    ended = await frame_with(tab, 'data-state="done"')
    assert 'data-status="no_answer"' in ended
    assert "Sources" not in ended


async def test_the_box_is_told_that_its_question_was_taken(open_tab: OpenTab, ana: User) -> None:
    tab = await open_tab(ana, uuid4())
    await tab.send_json_to({"question": "How many weeks of leave?"})
    assert await frame_with(tab, "data-composer-accepted")
    await frame_with(tab, 'data-state="done"')


@pytest.mark.parametrize(
    "text",
    ["no json", "[]", "7", "{}", '{"question": 7}', "[" * 5000, '{"question": "' + "x" * 70_000, '{"stop": "x"}'],
)
async def test_garbage_is_complained_about_and_the_socket_lives_on(open_tab: OpenTab, ana: User, text: str) -> None:
    tab = await open_tab(ana, uuid4())
    for _ in range(2):
        await tab.send_to(text_data=text)
        assert "data-composer-error" in await frame(tab)


async def test_bytes_are_complained_about(open_tab: OpenTab, ana: User) -> None:
    tab = await open_tab(ana, uuid4())
    await tab.send_to(bytes_data=b"\xff")
    assert "data-composer-error" in await frame(tab)


@pytest.mark.parametrize(
    ("question", "reason"), [("  \n", "Please type"), ("x" * 5001, "5,001"), ("\ud800", "Please type")]
)
async def test_a_question_that_cannot_be_asked_says_why(
    open_tab: OpenTab, ana: User, question: str, reason: str
) -> None:
    tab = await open_tab(ana, uuid4())
    await tab.send_json_to({"question": question})
    assert reason in await frame(tab)
    assert not await in_thread(Conversation.objects.exists)


async def test_a_busy_conversation_says_so(open_tab: OpenTab, ana: User, conversation: Conversation) -> None:
    await begin(conversation)
    tab = await open_tab(ana, conversation.pk)
    await tab.send_json_to({"question": "And then?"})
    assert "still answering" in await frame(tab)


async def test_a_late_tab_gets_the_answer_so_far_in_one_frame(
    open_tab: OpenTab, ana: User, conversation: Conversation
) -> None:
    _, tail = await begin(conversation)
    for piece in ("First.\n\n", "Sec", "ond.\n\n", "Third"):
        tail.append("delta", {"text": piece})
    html = await frame(await open_tab(ana, conversation.pk))
    assert seq_of(html) == 4
    assert all(part in html for part in ("<p>First.<", "<p>Second.<", "<p>Third<", "How many weeks?"))


async def test_a_frame_carries_the_open_block_and_never_the_whole_answer(
    open_tab: OpenTab, ana: User, conversation: Conversation
) -> None:
    message, tail = await begin(conversation)
    tab = await open_tab(ana, conversation.pk)
    tail.append("delta", {"text": "First.\n\nSecond.\n\n"})
    assert "Second" in await frame(tab)
    tail.append("delta", {"text": "Third"})
    assert "<p>Third<" in await frame(tab)
    tail.append("delta", {"text": " one."})
    last = await frame(tab)
    assert "<p>Third one.<" in last
    assert "First" not in last
    assert "Second" not in last
    assert f'data-seq-of="answer-{message.request_id}"' in last


async def test_every_tab_shows_a_question_asked_in_one(
    open_tab: OpenTab, ana: User, conversation: Conversation
) -> None:
    tabs = [await joined(await open_tab(ana, conversation.pk)) for _ in range(2)]
    message, tail = await begin(conversation)
    await announce(message)
    tail.append("status", {"stage": "writing"})
    for tab in tabs:
        assert f'id="turn-{message.request_id}"' in await frame(tab)
        assert "Writing…" in await frame(tab)


async def test_the_end_is_the_answer_as_it_is_stored(open_tab: OpenTab, ana: User, conversation: Conversation) -> None:
    version = await in_thread(make_version)
    message, tail = await begin(conversation)
    tab = await open_tab(ana, conversation.pk)
    tail.append("delta", {"text": "draft"})
    await frame(tab)
    await in_thread(Message.objects.filter(pk=message.pk).delete)
    await in_thread(make_message, conversation, version, request_id=message.pk)
    tail.append("done", {})
    html = await frame(tab)
    assert 'data-state="done" data-status="success"' in html
    assert f'href="/sources/{message.pk}/1/"' in html
    assert seq_of(html) == 2


async def test_a_page_that_lost_its_connection_gets_the_latest_answer(
    open_tab: OpenTab, ana: User, conversation: Conversation
) -> None:
    await in_thread(make_message, conversation, question="Older?")
    latest = await in_thread(make_message, conversation, question="Newer?")
    html = await frame(await open_tab(ana, conversation.pk))
    assert f'id="turn-{latest.pk}"' in html
    assert "Older?" not in html


async def test_an_answer_whose_process_died_can_be_tried_again(
    open_tab: OpenTab, ana: User, conversation: Conversation
) -> None:
    message, tail = await begin(conversation)
    tail.append("delta", {"text": "Half an"})
    tab = await open_tab(ana, conversation.pk)
    await in_thread(close_as_broken, message.request_id, INTERRUPTED, attempt=1)
    close_tail(message.request_id, tail)
    html = await frame_with(tab, 'data-state="failed"')
    assert "interrupted" in html
    assert f'name="regenerate" value="{message.request_id}"' in html


async def test_an_answer_of_a_deleted_conversation_ends(
    open_tab: OpenTab, ana: User, conversation: Conversation
) -> None:
    message, tail = await begin(conversation)
    tab = await open_tab(ana, conversation.pk)
    tail.append("status", {"stage": "searching"})
    await frame(tab)
    await in_thread(conversation.delete)
    tail.append("error", {"code": "not_found", "message": "This conversation was deleted."})
    assert f'id="answer-{message.request_id}"' in await frame_with(tab, "was deleted")


async def test_an_error_of_ours_is_logged_and_told(
    open_tab: OpenTab, ana: User, conversation: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    _, tail = await begin(conversation)
    tab = await open_tab(ana, conversation.pk)
    with caplog.at_level(logging.ERROR):
        tail.append("status", {"no": "stage"})
        assert 'data-state="failed"' in await frame(tab)
    assert "KeyError" in caplog.text


async def test_stopping_asks_the_run_to_stop(open_tab: OpenTab, ana: User, conversation: Conversation) -> None:
    message, tail = await begin(conversation)
    tab = await open_tab(ana, conversation.pk)
    await tab.send_json_to({"stop": str(message.request_id)})
    tail.append("status", {"stage": "writing"})
    await frame(tab)
    assert (await Message.objects.aget(pk=message.pk)).stopped


async def test_cleo_cannot_stop_ana_s_answer(open_tab: OpenTab, cleo: User, conversation: Conversation) -> None:
    message, _ = await begin(conversation)
    tab = await open_tab(cleo, uuid4())
    await tab.send_json_to({"stop": str(message.request_id)})
    assert "no such answer" in await frame(tab)
    assert not (await Message.objects.aget(pk=message.pk)).stopped


async def test_a_closed_tab_leaves_no_task_behind(ana: User, conversation: Conversation) -> None:
    before = asyncio.all_tasks()
    await begin(conversation)
    tab = WebsocketCommunicator(URLRouter(websocket_urlpatterns), f"/ws/chat/{conversation.pk}/")
    tab.scope["user"] = ana
    await tab.connect()
    await asyncio.sleep(0.1)
    await tab.disconnect()
    await tab.wait()
    assert [task for task in asyncio.all_tasks() - before if "follow" in repr(task) or "batched" in repr(task)] == []


async def test_a_tab_that_only_listens_ends_with_the_session(
    ana: User, conversation: Conversation, open_tab: OpenTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "stay", partial(presence.stay, every_s=0.01))
    monkeypatch.setattr(consumers, "KNOWN_FOR_S", 0)
    browser = Client()
    await in_thread(browser.force_login, ana)
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    tab = await joined(await open_tab(ana, conversation.pk, cookies))
    await in_thread(User.objects.filter(pk=ana.pk).update, is_active=False)
    while (told := await tab.receive_output(PATIENCE_S))["type"] != "websocket.close":
        pass
    assert told["code"] == 4401
