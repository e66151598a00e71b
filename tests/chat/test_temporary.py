"""Conversations that are not kept."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from askacme.lib.redis import client as redis
from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from chat.conversations.services import leave_temporary
from chat.conversations.tasks import delete_temporary
from chat.runs.ship import stream_key
from chat.tools.models import ToolUse
from governance.access.models import User
from governance.feedback.models import Feedback
from tests.chat.rows import make_conversation, make_message, make_running

pytestmark = pytest.mark.django_db(transaction=True)


def make_temporary(user: User, **fields: Any) -> Conversation:
    return make_conversation(user, is_temporary=True, **fields)


def test_a_temporary_chat_says_what_it_is_and_asks_for_it(client: Client, ana: User) -> None:
    client.force_login(ana)
    html = client.get("/temporary/").content.decode()
    assert "?temporary=1" in html
    assert 'aria-checked="true"' in html
    assert "deleted when you leave" in html
    assert not Conversation.objects.exists()
    assert "?temporary=1" not in client.get("/").content.decode()


def test_a_reload_finds_it_and_the_list_does_not_have_it(client: Client, ana: User) -> None:
    temporary = make_temporary(ana, title="A secret")
    make_message(temporary)
    client.force_login(ana)
    html = client.get(f"/c/{temporary.pk}/").content.decode()
    assert "16 weeks" in html
    assert "?temporary=1" in html
    assert "A secret" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("method", "url"),
    [("get", "menu"), ("get", "export"), ("get", "share"), ("post", "share"), ("get", "rename"), ("post", "pin")],
)
def test_nothing_can_be_done_with_it(client: Client, ana: User, ben: User, method: str, url: str) -> None:
    temporary = make_temporary(ana)
    make_message(temporary)
    client.force_login(ana)
    fields = {"email": ben.email, "pinned": "1"}
    assert getattr(client, method)(f"/c/{temporary.pk}/{url}", fields).status_code == 404


def test_it_cannot_be_pinned_even_in_the_database(ana: User) -> None:
    with transaction.atomic(), pytest.raises(IntegrityError, match="conversation_temporary_is_not_pinned"):
        make_temporary(ana, pinned_at=timezone.now())


async def test_left_it_is_gone_with_all_that_hangs_on_it(ana: User) -> None:
    message = await in_thread(lambda: make_message(make_temporary(ana)))
    await in_thread(hang_on, message)
    await redis().set(stream_key(message.pk), "what was told")
    assert await leave_temporary(message.conversation_id) is True
    for rows in (Conversation, Message, Feedback, ToolUse):
        assert not await rows.objects.aexists(), rows
    assert not await redis().exists(stream_key(message.pk))


def hang_on(message: Message) -> None:
    user, now = message.conversation.user, timezone.now()
    Feedback.objects.create(request_id=message.pk, user=user, rating="down", comment="My own words")
    ToolUse.objects.create(
        request_id=message.pk, message=message, user=user, tool="leave", title="Leave", system="PeopleHub",
        state="done", result="12 days", started_at=now, finished_at=now,
    )  # fmt: skip


async def test_leaving_deletes_nothing_that_lasts_runs_or_is_not_there(ana: User) -> None:
    lasting = await in_thread(make_conversation, ana)
    running = await in_thread(make_temporary, ana)
    await in_thread(make_running, running)
    for conversation_id in (lasting.pk, running.pk, uuid4()):
        assert await leave_temporary(conversation_id) is False
    assert await Conversation.objects.acount() == 2


def test_an_hour_after_its_last_use_it_is_deleted_whoever_forgot_it(ana: User) -> None:
    ago = timezone.now() - timedelta(hours=1, seconds=1)
    make_message(make_temporary(ana, updated_at=ago))
    running, fresh, kept = (
        make_temporary(ana, updated_at=ago),
        make_temporary(ana),
        make_conversation(ana, updated_at=ago),
    )
    make_running(running)
    delete_temporary()
    assert set(Conversation.objects.all()) == {running, fresh, kept}
