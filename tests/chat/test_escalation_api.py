"""Handing over, and reading the reply, over HTTP."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from chat.conversations.models import Message
from chat.escalation import services
from chat.escalation.models import Escalation
from governance.access.models import User
from tests.cast import bearer, make_user
from tests.chat.handed import make_refusal

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/escalations"


@pytest.fixture
def hanna(db: None) -> User:
    return make_user("hanna@acme.example", Group.objects.create(name="HR"))


@pytest.fixture
def message(ana: User) -> Message:
    return make_refusal(ana)


def post(client: Client, user: User, message: Message, **body: Any) -> Any:
    given = json.dumps({"request_id": str(message.pk), **body})
    return client.post(ADDRESS, given, content_type="application/json", headers=bearer(user))


def test_a_question_is_handed_over_and_its_reply_read(client: Client, ana: User, hanna: User, message: Message) -> None:
    response = post(client, ana, message, note="For May.")
    assert response.status_code == 201
    handed = response.json()
    assert (handed["asked_of"], handed["state"], handed["note"], handed["reply"]) == ("HR", "open", "For May.", None)
    services.reply(user=hanna, escalation_id=Escalation.objects.get().pk, text="Six weeks.")
    (mine,) = client.get(ADDRESS, headers=bearer(ana)).json()
    assert (mine["id"], mine["state"], mine["question"]) == (handed["id"], "answered", "Is there a sabbatical?")
    assert (mine["reply"]["text"], mine["reply"]["by"]) == ("Six weeks.", "Hanna")


def test_posted_twice_it_is_one(client: Client, ana: User, hanna: User, message: Message) -> None:
    assert post(client, ana, message).json()["id"] == post(client, ana, message).json()["id"]


def test_why_it_was_declined_can_be_read(client: Client, ana: User, hanna: User, message: Message) -> None:
    handed = post(client, ana, message).json()
    services.decline(user=hanna, escalation_id=handed["id"], reason="Payroll knows.")
    (mine,) = client.get(ADDRESS, headers=bearer(ana)).json()
    assert (mine["state"], mine["closed_as"], mine["reason"]) == ("closed", "declined", "Payroll knows.")


def test_with_nobody_to_ask_it_says_so(client: Client, ana: User, message: Message) -> None:
    response = post(client, ana, message)
    assert (response.status_code, response.json()["code"]) == (409, "conflict")


def test_cleo_hands_over_and_reads_nothing_of_ana_s(
    client: Client, ana: User, cleo: User, hanna: User, message: Message
) -> None:
    post(client, ana, message)
    assert post(client, cleo, message).status_code == 404
    for stranger in (cleo, hanna):
        assert client.get(ADDRESS, headers=bearer(stranger)).json() == []
