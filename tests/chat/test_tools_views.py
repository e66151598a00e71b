"""The card under an answer: what it shows, and who may click."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import AsyncClient, Client
from django.utils import timezone

from askacme.lib.threads import in_thread
from chat.tools import services
from chat.tools.models import ToolUse
from chat.tools.registry import tool_of
from chat.tools.values import Person
from governance.access.models import User
from tests.chat.rows import make_conversation, make_message
from tests.chat.systems import System, make_ticket_connector, running_system

pytestmark = pytest.mark.django_db(transaction=True)
SUMMARY = 'My <b>laptop</b> "died"'


@pytest.fixture
def system() -> Iterator[System]:
    with running_system() as running:
        running.says({"ticket": "IT-7 <script>"})
        yield running


@pytest.fixture
def card(system: System, ana: User) -> ToolUse:
    message = make_message(make_conversation(ana))
    return services.propose(
        tool=tool_of(make_ticket_connector(system.url)),
        arguments={"summary": SUMMARY},
        person=Person.of(ana),
        request_id=message.request_id,
    )


async def clicked(user: User, card: ToolUse, button: str) -> tuple[int, str]:
    client = AsyncClient()
    await in_thread(client.force_login, user)
    response = await client.post(f"/tools/{card.pk}/{button}")
    return response.status_code, response.content.decode()


def test_after_a_reload_the_card_stands_under_its_answer(client: Client, ana: User, card: ToolUse) -> None:
    client.force_login(ana)
    assert card.message
    html = client.get(f"/c/{card.message.conversation_id}/").content.decode()
    assert 'data-tool-state="proposed"' in html
    assert "My &lt;b&gt;laptop&lt;/b&gt; &quot;died&quot;" in html
    assert "What is wrong" in html
    assert f'hx-post="/tools/{card.pk}/confirm"' in html
    assert "X-CSRFToken" in html


async def test_the_click_shows_what_became_of_it(ana: User, card: ToolUse) -> None:
    status, html = await clicked(ana, card, "confirm")
    assert (status, 'data-tool-state="done"' in html, "hx-post" in html) == (200, True, False)
    assert "Ticket IT-7 &lt;script&gt; is open." in html


async def test_a_failure_says_why_and_offers_another_try(system: System, ana: User, card: ToolUse) -> None:
    system.says({"detail": "<b>Closed</b>"}, status=503)
    _, html = await clicked(ana, card, "confirm")
    assert "&lt;b&gt;Closed&lt;/b&gt;" in html
    assert "Try again" in html


async def test_declining_leaves_no_buttons(system: System, ana: User, card: ToolUse) -> None:
    _, html = await clicked(ana, card, "decline")
    assert "Nothing was sent" in html
    assert "<button" not in html
    assert system.heard == []


async def test_what_failed_may_have_been_done_all_the_same(system: System, ana: User, card: ToolUse) -> None:
    system.status = 504
    await clicked(ana, card, "confirm")
    _, html = await clicked(ana, card, "decline")
    assert "It may have been done already." in html
    assert "Nothing was sent" not in html


def test_an_old_card_has_expired_before_anybody_swept(client: Client, ana: User, card: ToolUse) -> None:
    ToolUse.objects.update(created_at=timezone.now() - timedelta(days=2))
    client.force_login(ana)
    html = client.get(f"/tools/{card.pk}/").content.decode()
    assert 'data-tool-state="expired"' in html
    assert "<button" not in html


def test_one_that_is_being_done_looks_again_by_itself(client: Client, ana: User, card: ToolUse) -> None:
    ToolUse.objects.update(state="running", started_at=timezone.now())
    client.force_login(ana)
    assert f'hx-get="/tools/{card.pk}/"' in client.get(f"/tools/{card.pk}/").content.decode()


@pytest.mark.parametrize("button", ["confirm", "decline"])
async def test_somebody_else_s_card_is_not_found(
    system: System, ben: User, cleo: User, card: ToolUse, button: str
) -> None:
    for other in (ben, cleo):
        assert (await clicked(other, card, button))[0] == 404
    assert system.heard == []
    assert (await ToolUse.objects.aget()).state == "proposed"


def test_looking_at_somebody_else_s_card_is_not_found(client: Client, cleo: User, card: ToolUse) -> None:
    client.force_login(cleo)
    assert client.get(f"/tools/{card.pk}/").status_code == 404


def test_a_look_is_no_click(client: Client, ana: User, card: ToolUse) -> None:
    client.force_login(ana)
    for button in ("confirm", "decline"):
        assert client.get(f"/tools/{card.pk}/{button}").status_code == 405


def test_a_click_takes_the_page_s_token(ana: User, card: ToolUse) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    assert client.post(f"/tools/{card.pk}/confirm").status_code == 403
    assert ToolUse.objects.get().state == "proposed"


def test_strangers_are_sent_to_sign_in(client: Client, card: ToolUse) -> None:
    assert client.post(f"/tools/{card.pk}/confirm").status_code == 302
