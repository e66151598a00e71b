"""The console's list of feedback: who may open it, and what of other people's questions it shows."""

import html

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from chat.conversations.models import Message
from chat.conversations.removal import weight_of
from chat.conversations.services import removed_by
from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.feedback.models import Feedback
from governance.feedback.services import rate
from governance.prompts.suites.models import SuiteCase
from tests.cast import make_user
from tests.chat.rows import make_conversation, make_message, make_version

pytestmark = pytest.mark.django_db
LIST = "/admin/governance/feedback/"


@pytest.fixture
def console(client: Client) -> Client:
    client.force_login(make_user("hanna@acme.example", ensure_roles()["HR"], is_staff=True))
    return client


@pytest.fixture
def rated(ana: User) -> Message:
    message = make_message(make_conversation(ana), make_version(), department="hr")
    rate(user=ana, request_id=message.pk, rating="down", reason="outdated", comment="It is 18 now.")
    return message


def page(client: Client, address: str = LIST) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def detail(client: Client) -> str:
    return page(client, f"{LIST}{Feedback.objects.get().pk}/change/")


def test_hr_reads_what_was_rated_without_the_name(console: Client, rated: Message) -> None:
    for shown in (page(console), detail(console)):
        assert "It is 18 now." in shown
        assert "How many weeks?" in shown
        assert "Out of date" in shown
        assert "ana@acme.example" not in shown
        assert "Ana" not in shown
    assert "16 weeks</strong>" in detail(console)
    assert "Leave guide</a>" in detail(console)


def test_only_rated_turns_are_shown(console: Client, rated: Message) -> None:
    make_message(rated.conversation, question="My own affair")
    assert "My own affair" not in page(console) + detail(console)


@pytest.mark.parametrize("role", ["Managers", "Prompt authors", None])
def test_others_at_the_console_see_none_of_it(client: Client, rated: Message, role: str | None) -> None:
    groups = [ensure_roles()[role]] if role else []
    client.force_login(make_user("cleo@acme.example", *groups, is_staff=True))
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{Feedback.objects.get().pk}/change/").status_code == 403
    assert "Feedback" not in client.get("/admin/").content.decode()


def test_an_answer_from_documents_that_the_reader_may_not_see_is_withheld(
    console: Client, ana: User, team: Group
) -> None:
    message = make_message(make_conversation(ana), make_version(groups=(team,)))
    rate(user=ana, request_id=message.pk, rating="up")
    shown = detail(console)
    assert "is not open to you" in shown
    assert "16 weeks" not in shown
    assert "Leave guide" not in shown


def test_so_is_one_that_may_repeat_an_answer_before_it(console: Client, ana: User, team: Group) -> None:
    conversation = make_conversation(ana)
    make_message(conversation, make_version(groups=(team,)))
    message = make_message(conversation, make_version(), standalone="And how are the 16 weeks paid?")
    rate(user=ana, request_id=message.pk, rating="up")
    shown = detail(console)
    assert "is not open to you" in shown
    assert "16 weeks" not in shown
    assert "Leave guide" not in shown


@pytest.mark.parametrize(
    ("filtered", "is_found"),
    [
        ("rating=down", True),
        ("rating=up", False),
        ("reason=outdated", True),
        ("reason=wrong", False),
        ("department=hr", True),
        ("department=it", False),
        ("updated_at__gte=2026-01-01 00:00:00%2B00:00", True),
        ("updated_at__lt=2026-01-01 00:00:00%2B00:00", False),
        ("q=18", True),
        ("q=nowhere", False),
    ],
)
def test_the_list_can_be_narrowed(console: Client, rated: Message, filtered: str, is_found: bool) -> None:
    query = filtered.replace("rating=", "rating__exact=").replace("reason=", "reason__exact=")
    assert ("How many weeks?" in page(console, f"{LIST}?{query}")) is is_found


@pytest.mark.parametrize("lookup", ["user__email__startswith=ana", "user__exact=1", "user__name=Ana"])
def test_the_list_does_not_tell_who_rated(console: Client, rated: Message, lookup: str) -> None:
    assert console.get(f"{LIST}?{lookup}").status_code == 400


def test_with_a_deleted_conversation_its_ratings_go(console: Client, ana: User, rated: Message) -> None:
    assert weight_of(rated.conversation).ratings == 1, "which the dialog says"
    removed_by(ana, rated.conversation_id)
    assert "It is 18 now." not in page(console)
    assert not Feedback.objects.exists()


def test_nothing_can_be_changed(console: Client, rated: Message) -> None:
    console.post(f"{LIST}{Feedback.objects.get().pk}/change/", {"comment": "Fine."})
    assert Feedback.objects.get().comment == "It is 18 now."
    assert console.post(f"{LIST}{Feedback.objects.get().pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_bad_answer_becomes_a_case_in_one_click(console: Client, rated: Message) -> None:
    feedback = Feedback.objects.get()
    assert "Make it a test case" in detail(console)
    for _ in range(2):
        console.post(f"{LIST}{feedback.pk}/case/")
    case = SuiteCase.objects.get()
    assert (case.question, case.source, case.tags) == ("How many weeks?", "thumbs_down", ["outdated"])
    assert not case.is_active  # nobody has said yet what is right
    assert str(rated.pk) not in case.key
    assert console.get(f"{LIST}{feedback.pk}/case/").status_code == 405


def test_cleo_makes_no_case_of_it(client: Client, cleo: User, rated: Message) -> None:
    cleo.is_staff = True
    cleo.save()
    client.force_login(cleo)
    assert client.post(f"{LIST}{Feedback.objects.get().pk}/case/").status_code == 403
    assert not SuiteCase.objects.exists()
