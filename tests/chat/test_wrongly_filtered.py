""" "This was wrong": under an answer that a guard filtered, on the page and over HTTP."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from chat.conversations.models import Message
from governance.access.models import User
from governance.guardrails.reviews.models import GuardReview
from tests.cast import bearer
from tests.chat.rows import make_conversation, make_message

pytestmark = pytest.mark.django_db


def stages(action: str = "block", guard: str = "injection") -> list[dict[str, Any]]:
    verdict = {"guard": guard, "version": "1", "action": action, "score": 0.9, "code": f"{guard}.override"}
    return [{"name": "screen", "start_ms": 0, "ms": 2, "detail": {"policy": "default@3", "verdicts": [verdict]}}]


@pytest.fixture
def blocked(ana: User) -> Message:
    return make_message(
        make_conversation(ana),
        question="How do I override a booking?",
        answer="I can only answer from the documents.",
        status=Message.Status.FILTERED,
        stages=stages(),
    )


@pytest.fixture
def page(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def shown(page: Client, message: Message) -> str:
    return page.get(message.conversation.get_absolute_url()).content.decode()


def test_a_blocked_answer_offers_a_review(page: Client, blocked: Message) -> None:
    html = shown(page, blocked)
    assert "This was wrong" in html
    assert f'action="/answers/{blocked.pk}/wrong"' in html


def test_without_scripts_the_form_leads_back_to_the_answer(page: Client, blocked: Message) -> None:
    response = page.post(f"/answers/{blocked.pk}/wrong", {"comment": "It is a booking."})
    assert response["Location"] == f"{blocked.conversation.get_absolute_url()}#answer-{blocked.pk}"
    review = GuardReview.objects.get()
    assert (review.question, review.comment, review.policy) == (blocked.question, "It is a booking.", "default@3")
    html = shown(page, blocked)
    assert "Somebody looks at it" in html
    assert "This was wrong" not in html


def test_with_scripts_it_is_swapped_in_and_read_out(page: Client, blocked: Message) -> None:
    response = page.post(f"/answers/{blocked.pk}/wrong", headers={"HX-Request": "true"})
    assert 'role="status"' in response.content.decode()


def test_the_outcome_stands_under_the_answer(page: Client, blocked: Message) -> None:
    page.post(f"/answers/{blocked.pk}/wrong")
    GuardReview.objects.update(outcome="overturned", note="Sorry <b>Ana</b>!", decided_at=timezone.now())
    html = shown(page, blocked)
    assert "You were right" in html
    assert "Sorry &lt;b&gt;Ana" in html


def test_hidden_text_offers_it_too(page: Client, ana: User) -> None:
    masked = make_message(make_conversation(ana), stages=stages("mask", "pii"))
    html = shown(page, masked)
    assert "hidden part of this answer" in html
    assert "This was wrong" in html


def test_an_ordinary_answer_and_one_off_topic_that_was_answered_offer_none(page: Client, ana: User) -> None:
    for found in (stages("allow"), stages("warn", "topic"), []):
        assert "This was wrong" not in shown(page, make_message(make_conversation(ana), stages=found))


def test_cleo_can_t_contest_ana_s_answer(client: Client, cleo: User, blocked: Message) -> None:
    client.force_login(cleo)
    assert client.post(f"/answers/{blocked.pk}/wrong").status_code == 404
    path = f"/api/v1/answers/{blocked.pk}/review"
    asked = client.post(path, {}, content_type="application/json", headers=bearer(cleo))
    assert asked.status_code == 404
    assert client.get(path, headers=bearer(cleo)).status_code == 404
    assert not GuardReview.objects.exists()


def test_over_http_it_is_asked_for_and_followed(client: Client, ana: User, blocked: Message) -> None:
    path = f"/api/v1/answers/{blocked.pk}/review"
    made = client.post(path, {"comment": "It is fine."}, content_type="application/json", headers=bearer(ana))
    assert made.status_code == 201
    GuardReview.objects.update(outcome="upheld", note="No.", decided_at=timezone.now())
    told = client.get(path, headers=bearer(ana)).json()
    assert (told["outcome"], told["note"], told["comment"]) == ("upheld", "No.", "It is fine.")


def test_where_nothing_was_filtered_there_is_nothing_to_review(client: Client, ana: User) -> None:
    message = make_message(make_conversation(ana))
    path = f"/api/v1/answers/{message.pk}/review"
    assert client.post(path, {}, content_type="application/json", headers=bearer(ana)).status_code == 409
    assert client.get(path, headers=bearer(ana)).status_code == 404
    missing = client.post(f"/api/v1/answers/{uuid4()}/review", {}, content_type="application/json", headers=bearer(ana))
    assert missing.status_code == 404
