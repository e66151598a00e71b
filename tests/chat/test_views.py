"""The pages people see."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.conversations.models import Conversation, Message
from governance.access.models import User
from tests.chat.rows import make_conversation, make_message, make_version

pytestmark = pytest.mark.django_db

SOME_ID = UUID(int=7)


@pytest.fixture
def page(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def text_of(client: Client, url: str, status: int = 200, **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == status, response.content
    return response.content.decode()


@pytest.mark.parametrize("url", ["/", f"/c/{SOME_ID}/", f"/sources/{SOME_ID}/1/", "/documents/1/", "/documents/1/file"])
def test_strangers_are_sent_to_sign_in(client: Client, url: str) -> None:
    response = client.get(url)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={url}")


def test_signing_in_leads_to_where_one_was_going(client: Client, ana: User) -> None:
    fields = {"username": "ANA@acme.example", "password": "a-long-password-1", "next": "/documents/7/"}
    assert client.post("/sign-in/", fields)["Location"] == "/documents/7/"


def test_a_wrong_password_says_so_and_keeps_the_address(client: Client, ana: User) -> None:
    html = client.post("/sign-in/", {"username": ana.email, "password": "wrong"}).content.decode()
    assert 'role="alert"' in html
    assert f'value="{ana.email}"' in html


def test_signing_out_takes_a_post(page: Client) -> None:
    assert page.get("/sign-out/").status_code == 405
    assert page.post("/sign-out/")["Location"] == "/sign-in/"


def test_a_new_chat_greets_and_stores_nothing(page: Client) -> None:
    html = text_of(page, "/")
    assert "Hello, Ana." in html
    assert not Conversation.objects.exists()


def test_the_policy_allows_nothing_inline(page: Client) -> None:
    policy = page.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_conversation_shows_answers_with_their_sources(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    message = make_message(conversation, make_version())
    html = text_of(page, f"/c/{conversation.pk}/")
    assert "<strong>16 weeks</strong>" in html
    assert html.count(f'hx-get="/sources/{message.pk}/1/"') == 2
    assert "Quoted word for word" in html


def test_a_refusal_never_shows_sources(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    make_message(conversation, make_version(), status=Message.Status.NO_ANSWER, answer="I don't know.[1]")
    html = text_of(page, f"/c/{conversation.pk}/")
    assert "data-cite" not in html
    assert "Quoted" not in html


def test_a_failed_answer_can_be_tried_again(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    failed = make_message(conversation, state="failed", status="error", answer="No model.")
    html = text_of(page, f"/c/{conversation.pk}/")
    assert "data-retry" in html
    assert f'name="regenerate" value="{failed.pk}"' in html


def test_a_source_that_is_no_longer_hers_is_no_longer_linked(page: Client, ana: User) -> None:
    conversation = make_conversation(ana)
    make_message(conversation, make_version(groups=(Group.objects.create(name="Others"),)))
    html = text_of(page, f"/c/{conversation.pk}/")
    assert "data-cite" not in html
    assert "Leave guide" not in html


def test_a_long_conversation_costs_as_many_queries_as_a_short_one(page: Client, ana: User) -> None:
    version = make_version()
    short, long = make_conversation(ana), make_conversation(ana)
    make_message(short, version)
    for _ in range(5):
        make_message(long, version)

    def queries(conversation: Conversation) -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(page, f"/c/{conversation.pk}/")
        return len(captured)

    assert queries(long) == queries(short) < 20


def test_the_list_is_grouped_by_age(page: Client, ana: User) -> None:
    now = timezone.localtime().replace(hour=12)
    for days, title in ((0, "New one"), (3, "Recent one"), (30, "Old one")):
        make_conversation(ana, title=title, updated_at=now - timedelta(days=days))
    html = text_of(page, "/")
    order = ["Today", "New one", "Last 7 days", "Recent one", "Older", "Old one"]
    assert sorted(order, key=html.index) == order


def test_cleo_finds_nothing_of_ana_s(client: Client, ana: User, cleo: User, team: Group) -> None:
    version = make_version(groups=(team,))
    conversation = make_conversation(ana, title="Private matter")
    message = make_message(conversation, version)
    client.force_login(cleo)
    assert "Private matter" not in text_of(client, "/")
    for url in (f"/c/{conversation.pk}/", f"/sources/{message.pk}/1/", f"/documents/{version.pk}/"):
        assert "16 weeks" not in text_of(client, url, 404)
    assert client.post(f"/c/{conversation.pk}/delete").status_code == 404
    assert Conversation.objects.filter(pk=conversation.pk).exists()


def test_ben_on_the_team_reads_the_document_but_not_ana_s_answer(
    client: Client, ana: User, ben: User, team: Group
) -> None:
    version = make_version(groups=(team,))
    message = make_message(make_conversation(ana), version)
    client.force_login(ben)
    assert "16 weeks" in text_of(client, f"/documents/{version.pk}/")
    text_of(client, f"/sources/{message.pk}/1/", 404)


def test_error_pages_have_the_product_s_look(page: Client) -> None:
    assert "AskAcme" in text_of(page, "/nowhere", 404)
