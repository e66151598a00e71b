"""A branch that is not shown: looked at without being chosen, and a colleague's reply that stands on it."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from chat.conversations.models import Message
from chat.escalation import services
from governance.access.models import User
from tests.cast import make_user
from tests.chat.handed import hand_over
from tests.chat.rows import make_conversation, make_message

pytestmark = pytest.mark.django_db
NOTICE = "A colleague replied to an earlier version of your question."


@pytest.fixture
def page(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def earlier(ana: User) -> Message:
    """The question before it was edited."""
    earlier = make_message(make_conversation(ana), question="The first attempt")
    make_message(earlier.conversation, question="The second attempt", parent_id=None)
    return earlier


def html_of(page: Client, address: str) -> str:
    response = page.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_looking_at_another_branch_does_not_choose_it(page: Client, earlier: Message) -> None:
    html = html_of(page, f"/c/{earlier.conversation_id}/?turn={earlier.pk}")
    assert "The first attempt" in html
    assert "The second attempt" not in html
    assert "ws-connect" not in html
    assert "The second attempt" in html_of(page, f"/c/{earlier.conversation_id}/")


def test_going_on_with_it_is_a_click_of_its_own(page: Client, earlier: Message) -> None:
    address = f"/c/{earlier.conversation_id}/branch/{earlier.pk}"
    assert f'action="{address}"' in html_of(page, f"/c/{earlier.conversation_id}/?turn={earlier.pk}")
    page.post(address)
    assert "The first attempt" in html_of(page, f"/c/{earlier.conversation_id}/")


def test_the_branch_that_is_shown_is_asked_on_as_ever(page: Client, earlier: Message) -> None:
    shown = earlier.conversation.messages.get(question="The second attempt")
    assert "ws-connect" in html_of(page, f"/c/{earlier.conversation_id}/?turn={shown.pk}")


def test_a_reply_on_a_hidden_branch_is_announced_until_it_was_seen(page: Client, ana: User, earlier: Message) -> None:
    hanna = make_user("hanna@acme.example", Group.objects.create(name="HR"))
    handed = hand_over(ana, hanna, earlier)
    conversation = f"/c/{earlier.conversation_id}/"
    assert NOTICE not in html_of(page, conversation)
    services.reply(user=hanna, escalation_id=handed.pk, text="Yes, six weeks.")
    there = f"{conversation}?turn={earlier.pk}"
    html = html_of(page, conversation)
    assert NOTICE in html
    assert f'href="{there}#turn-{earlier.pk}"' in html
    reply = html_of(page, there)
    assert "Yes, six weeks." in reply
    assert NOTICE not in reply
    assert f'hx-post="/escalations/{handed.pk}/seen"' in reply
    services.mark_seen(user=ana, escalation_id=handed.pk)
    html = html_of(page, conversation)
    assert NOTICE not in html
    assert "unread-dot" not in html
