"""What nobody else reads of a conversation, on each page that shows it to others: shared, handed over, rated."""

import html
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from chat.conversations.models import Conversation, Message
from chat.sharing.services import share
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.feedback.services import rate
from knowledge.documents.models import Document
from tests.cast import make_user
from tests.chat.handed import hand_over
from tests.chat.rows import make_conversation, make_message, make_use, make_version

pytestmark = pytest.mark.django_db
Show = Callable[[Message], str]


@pytest.fixture
def hr(db: None) -> Group:
    return ensure_roles()["HR"]


@pytest.fixture(params=["shared", "handed over", "rated"])
def show(request: pytest.FixtureRequest, client: Client, ana: User, hr: Group) -> Show:
    """The page on which Hanna of HR reads Ana's turn, and what came before it."""
    hanna = make_user("hanna@acme.example", hr, is_staff=True)
    client.force_login(hanna)

    def address(message: Message) -> str:
        if request.param == "shared":
            return f"/shared/{share(user=ana, conversation_id=message.conversation_id, email=hanna.email).pk}/"
        if request.param == "handed over":
            return f"/inbox/{hand_over(ana, hr, message).pk}/"
        return f"/admin/governance/feedback/{rate(user=ana, request_id=message.pk, rating='up').pk}/change/"

    def page(message: Message) -> str:
        response = client.get(address(message))
        assert response.status_code == 200
        return html.unescape(response.content.decode())

    return page


def from_a_secret(conversation: Conversation, team: Group) -> Message:
    return make_message(conversation, make_version(groups=(team,)))


def from_what_is_gone(conversation: Conversation, team: Group) -> Message:
    message = from_a_secret(conversation, team)
    Document.objects.all().delete()
    return message


def from_another_system(conversation: Conversation, _team: Group) -> Message:
    message = make_message(conversation, make_version())
    make_use(message)
    return message


def broken_off(conversation: Conversation, _team: Group) -> Message:
    return make_message(conversation, status="error", answer="It is 16 weeks.\n\nSomething broke.", provider="openai")


def refused(conversation: Conversation, _team: Group) -> Message:
    return make_message(conversation, status="no_answer", answer="Ask Owen, who owns “Why 16 weeks”.")


def follow_up(conversation: Conversation, team: Group) -> Message:
    from_a_secret(conversation, team)
    return make_message(conversation, make_version(), standalone="And how is the leave paid?")


def told_by_a_model_of_what_came_before(conversation: Conversation, team: Group) -> Message:
    from_a_secret(conversation, team)
    proof = [{"index": 0, "start": 0, "end": 33, "state": "proved", "cites": [1]}]
    return make_message(conversation, make_version(), provider="openai", proof=proof)


@pytest.mark.parametrize(
    "make",
    [
        from_a_secret,
        from_what_is_gone,
        from_another_system,
        broken_off,
        refused,
        follow_up,
        told_by_a_model_of_what_came_before,
    ],
)
def test_not_a_word_of_it_is_shown(
    show: Show, ana: User, team: Group, make: Callable[[Conversation, Group], Message]
) -> None:
    page = show(make(make_conversation(ana), team))
    assert "How many weeks?" in page
    assert "16 weeks" not in page
    assert "Owen" not in page


def test_what_the_reader_may_see_is_shown_also_behind_what_is_withheld(show: Show, ana: User, team: Group) -> None:
    conversation = make_conversation(ana)
    make_message(conversation, make_version(groups=(team,)))
    assert "16 weeks</strong>" in show(make_message(conversation, make_version()))


def test_that_there_was_no_answer_is_told(show: Show, ana: User, team: Group) -> None:
    assert "AskAcme found no answer to this." in show(refused(make_conversation(ana), team))
