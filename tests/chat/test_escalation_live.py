"""A colleague's reply reaches the page that is open."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import Group

from askacme.lib.redis import client
from askacme.lib.threads import in_thread
from chat.escalation import services
from chat.escalation.models import Escalation
from chat.routing import websocket_urlpatterns
from governance.access.models import User
from tests.cast import make_user
from tests.chat.handed import hand_over
from tests.chat.rows import make_message

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 30


@pytest.fixture
def hanna(db: None) -> User:
    return make_user("hanna@acme.example", Group.objects.create(name="HR"))


@pytest.fixture
def handed(ana: User, hanna: User) -> Escalation:
    return hand_over(ana, hanna.groups.get())


@pytest.fixture
async def tab(ana: User, handed: Escalation) -> AsyncIterator[Any]:
    """Ana's open page, once it listens."""
    tab = WebsocketCommunicator(URLRouter(websocket_urlpatterns), f"/ws/chat/{handed.message.conversation_id}/")
    tab.scope["user"] = ana
    assert (await tab.connect())[0]
    await tab.send_to(text_data="{}")
    await frame_with(tab, "data-composer-error")
    yield tab
    await tab.disconnect()
    await get_channel_layer().close_pools()
    await client().aclose()


async def frame_with(tab: Any, text: str) -> str:
    while text not in (received := await tab.receive_from(PATIENCE_S)):
        pass
    return str(received)


async def test_the_reply_appears_and_the_rest_of_its_answer_stays(tab: Any, hanna: User, handed: Escalation) -> None:
    """A comment that is being written below the answer would be lost with it."""
    await in_thread(services.reply, user=hanna, escalation_id=handed.pk, text="Yes, six weeks.")
    told = await frame_with(tab, "Hanna answered")
    assert f'id="escalation-{handed.message_id}" hx-swap-oob="true"' in told
    assert 'class="answer"' not in told
    assert "data-ask-person" not in told
    assert "Yes, six weeks." in told


async def test_so_does_that_somebody_is_on_it(tab: Any, hanna: User, handed: Escalation) -> None:
    await in_thread(services.claim, user=hanna, escalation_id=handed.pk)
    assert "Hanna is looking into it" in await frame_with(tab, "data-escalation")


async def test_a_reply_on_a_branch_that_is_not_shown_is_announced(tab: Any, hanna: User, handed: Escalation) -> None:
    await in_thread(make_message, handed.message.conversation, parent_id=None)
    await in_thread(services.reply, user=hanna, escalation_id=handed.pk, text="Yes, six weeks.")
    told = await frame_with(tab, "Show it")
    assert f"?turn={handed.message_id}#turn-{handed.message_id}" in told
    assert "Yes, six weeks." not in told
