"""Search in one's own conversations."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chat.conversations.models import Message
from chat.conversations.search import search
from governance.access.models import User
from tests.chat.rows import make_conversation, make_message, make_running

pytestmark = pytest.mark.django_db
Told = Callable[..., Message]


@pytest.fixture
def told(ana: User) -> Told:
    """A conversation of Ana's with one turn."""

    def one(question: str, answer: str = "See there.", title: str = "Something", **fields: object) -> Message:
        return make_message(make_conversation(ana, title=title), question=question, answer=answer, **fields)

    return one


def found_by(user: User, text: str) -> list[Message | None]:
    return [found.message for found in search(user, text)]


def marked(user: User, text: str) -> list[str]:
    found = search(user, text)[0]
    return [piece.text for piece in (*found.title, *found.snippet) if piece.is_marked]


@pytest.mark.parametrize(
    "text",
    [
        "policies parental",  # other forms of the words, in another order
        "parental poli",  # the last word is still being typed
        "parenta",  # a beginning that is no stem
        "PARENTAL",
        "hr@acme.exam",
        "weeks' 16",
        "  16   weeks  ",
        "weeks?",
    ],
)
def test_a_turn_is_found_by_its_words(ana: User, told: Told, text: str) -> None:
    told("What does the travel guide say?", "Trains first.")
    message = told("What does the parental policy say?", "Every parent gets 16 weeks. Ask hr@acme.example.")
    assert found_by(ana, text) == [message]


@pytest.mark.parametrize("text", ["", " ", "x", "?!", "'", "\\", ":*", "a & | !", "\x00\x00", "weeks train"])
def test_what_is_in_no_turn_finds_nothing(ana: User, told: Told, text: str) -> None:
    told("How many weeks?", "Sixteen.")
    told("May I take the train?", "Yes.")
    assert search(ana, text) == []


def test_titles_come_before_questions_and_those_before_answers(ana: User, told: Told) -> None:
    titled = told("When?", title="Overtime")
    question = told("Is overtime paid?")
    answer = told("When?", "Overtime is paid in March.")
    assert [found.conversation for found in search(ana, "overtime")] == [
        titled.conversation,
        question.conversation,
        answer.conversation,
    ]


def test_of_two_that_fit_equally_the_newest_comes_first(ana: User, told: Told) -> None:
    now = timezone.now()
    middle, new, old = (told("Overtime?", created_at=now - timedelta(days=days)) for days in (2, 1, 3))
    assert found_by(ana, "overtime") == [new, middle, old]


def test_a_conversation_is_found_once_by_its_best_turn(ana: User, told: Told) -> None:
    first = told("How much?", "Overtime pays double.")
    best = make_message(first.conversation, question="Is overtime paid?", answer="Yes.")
    make_message(first.conversation, question="Thanks", answer="Overtime is done.")
    assert found_by(ana, "overtime") == [best]


def test_the_words_are_marked_also_those_in_another_form(ana: User, told: Told) -> None:
    told("How many weeks?", "Parental leave lasts **16 weeks**.[1]", title="Weekly leave")
    assert marked(ana, "week parenta") == ["weeks", "Parental", "weeks"]
    assert "".join(piece.text for piece in search(ana, "leave")[0].snippet) == (
        "How many weeks? — Parental leave lasts 16 weeks."
    )


def test_cleo_finds_nothing_of_ana_s(ana: User, cleo: User, told: Told) -> None:
    told("Is overtime paid?", title="Overtime")
    assert search(cleo, "overtime") == []


def test_temporary_conversations_and_running_answers_are_not_found(ana: User) -> None:
    make_message(make_conversation(ana, is_temporary=True, title="Overtime"), question="Is overtime paid?")
    make_running(make_conversation(ana), question="Overtime?")
    assert search(ana, "overtime") == []


def test_no_other_reading_carries_the_words_of_the_index(told: Told) -> None:
    message = Message.objects.get(pk=told("Is overtime paid?").pk)
    assert message.get_deferred_fields() == {"words"}
    assert "'overtim'" in str(message.words)


def test_results_come_as_one_types_and_lead_to_the_turn(client: Client, ana: User, told: Told) -> None:
    message = told('Is "overtime" paid?')
    client.force_login(ana)
    html = client.get("/conversations/search", {"q": "overt"}, headers={"HX-Request": "true"}).content.decode()
    assert f'href="/c/{message.conversation_id}/?turn={message.pk}#turn-{message.pk}"' in html
    assert "&quot;<mark>overtime</mark>&quot;" in html
    assert "1 conversation found" in html
    assert "<html" not in html


def test_a_search_without_result_says_so(client: Client, ana: User) -> None:
    client.force_login(ana)
    html = client.get("/conversations/search", {"q": "<overtime>"}, headers={"HX-Request": "true"}).content.decode()
    assert "None of your conversations has “&lt;overtime&gt;” in it." in html


def test_without_htmx_the_results_stand_in_a_page(client: Client, ana: User, told: Told) -> None:
    message = told("Is overtime paid?")
    client.force_login(ana)
    html = client.get("/conversations/search", {"q": "overtime"}).content.decode()
    assert "<html" in html
    assert 'value="overtime"' in html
    assert f"#turn-{message.pk}" in html


def test_a_turn_on_another_branch_is_shown_when_it_is_opened(client: Client, ana: User, told: Told) -> None:
    hidden = told("Is undertime paid?")
    shown = make_message(hidden.conversation, question="Is overtime paid?", parent_id=None)
    client.force_login(ana)
    page = client.get(f"/c/{shown.conversation_id}/", {"turn": str(hidden.pk)}).content.decode()
    assert f'id="turn-{hidden.pk}"' in page
    assert f'id="turn-{shown.pk}"' not in page
