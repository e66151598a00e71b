"""Thumbs under an answer: over HTTP, on the page, and what a second asking makes of them."""

import json
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client

from chat.conversations.models import Message
from chat.conversations.reask import is_reask
from chat.conversations.services import removed_by
from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.feedback.models import Feedback
from governance.feedback.services import rate
from tests.cast import bearer
from tests.chat.rows import make_conversation, make_message, make_running, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(ana: User) -> Message:
    return make_message(make_conversation(ana), make_version(), question="How many vacation days do we get?")


def post(client: Client, user: User, answer: Message, **body: Any) -> Any:
    given = json.dumps({"request_id": str(answer.request_id), **body})
    return client.post("/api/v1/feedback", given, content_type="application/json", headers=bearer(user))


def test_a_rating_is_kept_and_sent_again_changes(client: Client, ana: User, answer: Message) -> None:
    post(client, ana, answer, rating="up")
    response = post(client, ana, answer, rating="down", reason="wrong", comment="It is 30.")
    assert response.json() == {
        "request_id": str(answer.request_id),
        "rating": "down",
        "reason": "wrong",
        "comment": "It is 30.",
    }
    row = Feedback.objects.get()
    assert (row.rating, row.reason, row.comment, row.user) == ("down", "wrong", "It is 30.", ana)
    assert AuditEvent.objects.filter(action="feedback.rate").count() == 2


def test_null_takes_it_back_and_so_does_delete(client: Client, ana: User, answer: Message) -> None:
    post(client, ana, answer, rating="up")
    assert post(client, ana, answer, rating=None).json()["rating"] is None
    assert not Feedback.objects.exists()
    post(client, ana, answer, rating="up")
    address = f"/api/v1/feedback/{answer.request_id}"
    assert client.delete(address, headers=bearer(ana)).status_code == 204
    assert client.delete(address, headers=bearer(ana)).status_code == 204
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("way", ["api", "page"])
@pytest.mark.django_db(transaction=True)
def test_a_rating_does_not_outlive_a_conversation_that_is_deleted_meanwhile(
    client: Client, ana: User, answer: Message, way: str
) -> None:
    def delete() -> None:
        removed_by(ana, answer.conversation_id)
        connection.close()

    client.force_login(ana)
    deletion = threading.Thread(target=delete)
    with transaction.atomic():
        if way == "api":
            post(client, ana, answer, rating="up")
        else:
            client.post(f"/answers/{answer.pk}/feedback", {"rating": "up"})
        assert Feedback.objects.exists()
        deletion.start()
        while deletion.is_alive() and not somebody_waits():
            pass
    deletion.join(30)
    assert not Message.objects.exists()
    assert not Feedback.objects.exists()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return cursor.fetchone() is not None


def test_somebody_else_s_answer_is_not_there_for_cleo(client: Client, cleo: User, answer: Message) -> None:
    assert post(client, cleo, answer, rating="up").status_code == 404
    assert client.delete(f"/api/v1/feedback/{answer.request_id}", headers=bearer(cleo)).status_code == 404
    client.force_login(cleo)
    assert client.post(f"/answers/{answer.request_id}/feedback", {"rating": "up"}).status_code == 404
    assert not Feedback.objects.exists()


def test_an_answer_that_does_not_exist_is_not_there_either(client: Client, ana: User) -> None:
    assert post(client, ana, Message(request_id=uuid4()), rating="up").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"rating": "sideways"},
        {"rating": "up", "reason": "wrong"},
        {"rating": "down", "reason": "ugly"},
        {"rating": "down", "comment": "x" * 2001},
        {"rating": "down", "comment": "\x00"},
        {},
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, ana: User, answer: Message, body: dict[str, Any]) -> None:
    response = post(client, ana, answer, **body)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")
    assert not Feedback.objects.exists()


def press(client: Client, answer: Message, **pressed: str) -> str:
    response = client.post(f"/answers/{answer.request_id}/feedback", pressed, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


def test_a_double_click_on_a_thumb_leaves_one_row(client: Client, ana: User, answer: Message) -> None:
    client.force_login(ana)
    press(client, answer, rating="down")
    assert 'aria-pressed="true" data-thumb="down"' in press(client, answer, rating="down")
    assert Feedback.objects.get().rating == "down"


def test_a_reason_goes_with_the_thumb_and_undo_with_both(client: Client, ana: User, answer: Message) -> None:
    client.force_login(ana)
    assert "data-reason" in press(client, answer, rating="down")
    assert 'aria-pressed="true" data-reason="outdated"' in press(client, answer, reason="outdated")
    assert Feedback.objects.get().reason == "outdated"
    assert "data-reason" not in press(client, answer, rating="")
    assert not Feedback.objects.exists()


def test_a_comment_goes_with_either_thumb_and_is_kept_when_sent_twice(
    client: Client, ana: User, answer: Message
) -> None:
    client.force_login(ana)
    press(client, answer, rating="up")
    for _ in range(2):
        assert "It names the form.</textarea>" in press(
            client, answer, send="comment", comment="It names the form.\r\n"
        )
    row = Feedback.objects.get()
    assert (row.rating, row.comment) == ("up", "It names the form.")
    assert AuditEvent.objects.filter(action="feedback.rate").count() == 2


def test_a_comment_that_is_being_written_outlasts_the_other_buttons(client: Client, ana: User, answer: Message) -> None:
    client.force_login(ana)
    press(client, answer, rating="up")
    press(client, answer, rating="down", comment="It is 30.")
    press(client, answer, reason="wrong", comment="It is 30.")
    press(client, answer, send="comment", comment="It is 30 days.")
    row = Feedback.objects.get()
    assert (row.rating, row.reason, row.comment) == ("down", "wrong", "It is 30 days.")
    press(client, answer, rating="")
    assert not Feedback.objects.exists()


def test_a_reason_does_not_stay_on_a_thumb_up(client: Client, ana: User, answer: Message) -> None:
    client.force_login(ana)
    press(client, answer, reason="wrong")
    press(client, answer, rating="up")
    assert (Feedback.objects.get().rating, Feedback.objects.get().reason) == ("up", "")


def test_a_comment_alone_rates_nothing(client: Client, ana: User, answer: Message) -> None:
    client.force_login(ana)
    press(client, answer, send="comment", comment="Hm.")
    assert not Feedback.objects.exists()


def test_after_a_reload_the_comment_is_there_and_who_reads_it(client: Client, ana: User, answer: Message) -> None:
    rate(user=ana, request_id=answer.request_id, rating="down", comment="It is <b>30</b>.")
    client.force_login(ana)
    page = client.get(answer.conversation.get_absolute_url()).content.decode()
    assert "It is &lt;b&gt;30&lt;/b&gt;.</textarea>" in page
    assert "to the people who look after AskAcme" in page


def test_without_htmx_the_form_leads_back_to_the_conversation(client: Client, ana: User, answer: Message) -> None:
    client.force_login(ana)
    response = client.post(f"/answers/{answer.request_id}/feedback", {"rating": "up"})
    assert response["Location"] == answer.conversation.get_absolute_url()


def test_a_thumb_that_does_not_exist_is_refused(client: Client, ana: User, answer: Message) -> None:
    client.force_login(ana)
    assert client.post(f"/answers/{answer.request_id}/feedback", {"rating": "x"}).status_code == 400


def test_the_page_shows_what_was_pressed(client: Client, ana: User, ben: User, answer: Message) -> None:
    rate(user=ben, request_id=answer.request_id, rating="down")
    rate(user=ana, request_id=answer.request_id, rating="up")
    client.force_login(ana)
    page = client.get(answer.conversation.get_absolute_url()).content.decode()
    assert 'data-feedback="up"' in page
    assert 'aria-pressed="true" data-thumb="down"' not in page


def test_a_running_answer_has_no_thumbs(client: Client, ana: User) -> None:
    running = make_running(make_conversation(ana))
    client.force_login(ana)
    assert "data-thumb" not in client.get(running.conversation.get_absolute_url()).content.decode()


REWORDED = "What is our vacation entitlement in days?"


def reasked(user: User, answer: Message, question: str) -> bool:
    return is_reask(user=user, conversation_id=answer.conversation_id, question=question)


@pytest.mark.parametrize(
    "question", [REWORDED, "That's wrong", "try again please", "Das stimmt nicht", "that isn’t right"]
)
def test_after_a_thumb_down_the_same_question_is_a_reask(ana: User, answer: Message, question: str) -> None:
    rate(user=ana, request_id=answer.request_id, rating="down")
    make_running(answer.conversation)
    assert reasked(ana, answer, question)


def test_another_question_is_none(ana: User, answer: Message) -> None:
    rate(user=ana, request_id=answer.request_id, rating="down")
    assert not reasked(ana, answer, "Where can visitors park?")


def test_without_a_thumb_down_it_is_none(ana: User, answer: Message) -> None:
    assert not reasked(ana, answer, REWORDED)
    rate(user=ana, request_id=answer.request_id, rating="up")
    assert not reasked(ana, answer, REWORDED)


def test_a_better_answer_since_then_ends_it(ana: User, answer: Message) -> None:
    rate(user=ana, request_id=answer.request_id, rating="down")
    make_message(answer.conversation, question=REWORDED)
    assert not reasked(ana, answer, REWORDED)


def test_ben_s_thumb_says_nothing_about_ana_s_answer(ana: User, ben: User, answer: Message) -> None:
    rate(user=ben, request_id=answer.request_id, rating="down")
    assert not reasked(ana, answer, REWORDED)
    assert not reasked(ben, answer, REWORDED)
