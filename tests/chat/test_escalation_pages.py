"""Asking a person from below an answer, on the pages: what is offered to whom, and what comes back."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from chat.conversations.models import Conversation, Message
from chat.conversations.removal import weight_of
from chat.conversations.services import removed_by
from chat.conversations.sidebar import sidebar_of
from chat.escalation import services
from chat.escalation.models import Escalation, Inbox
from governance.access.models import User
from knowledge.documents.models import Document
from tests.cast import make_document, make_user
from tests.chat.handed import hand_over, make_refusal
from tests.chat.rows import make_conversation, make_message, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def hr(db: None) -> Group:
    return Group.objects.create(name="HR")


@pytest.fixture
def hanna(hr: Group) -> User:
    return make_user("hanna@acme.example", hr)


@pytest.fixture
def signed_in(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def refused(user: User, question: str = "How long is parental leave for adopted children?") -> Message:
    return make_refusal(user, question=question)


def seen(client: Client, message: Message, query: str = "") -> str:
    response = client.get(f"/answers/{message.pk}/ask{query}", headers={"HX-Request": "true"})
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def send(client: Client, message: Message, **form: str) -> Any:
    return client.post(f"/answers/{message.pk}/ask", form, headers={"HX-Request": "true"})


def offers_in(page: str) -> list[str]:
    return re.findall(r'name="to" value="([^"]+)"', page)


def test_a_refusal_asks_for_the_topics_when_it_comes_into_view(signed_in: Client, ana: User) -> None:
    message = refused(ana)
    page = signed_in.get(f"/c/{message.conversation_id}/").content.decode()
    assert f'hx-get="/answers/{message.pk}/ask" hx-trigger="revealed"' in page
    assert "data-ask-person" not in page


def test_below_another_answer_a_person_can_be_asked_quietly(signed_in: Client, ana: User) -> None:
    message = make_message(make_conversation(ana))
    page = signed_in.get(f"/c/{message.conversation_id}/").content.decode()
    assert f'hx-get="/answers/{message.pk}/ask?confirm"' in page
    assert 'hx-trigger="revealed"' not in page


def test_the_nearest_topics_are_those_that_the_person_may_see(
    signed_in: Client, client: Client, ana: User, cleo: User, team: Group
) -> None:
    make_document(groups=(team,), title="Leave for parents", path="team/leave.md")
    open_to_all = make_document(
        "# Holidays\n\nParents of adopted children get their leave days in July.", title="Holidays", path="holidays.md"
    )
    shown = seen(signed_in, refused(ana))
    assert "Leave for parents" in shown
    assert f"/documents/{open_to_all.current_id}/?start=" in shown
    client.force_login(cleo)
    hers = seen(client, refused(cleo))
    assert "Holidays" in hers
    assert "Leave for parents" not in hers


def test_a_withdrawn_document_is_no_topic(signed_in: Client, ana: User) -> None:
    make_document(title="Leave for parents").delete()
    assert "Leave for parents" not in seen(signed_in, refused(ana))


def test_the_owner_of_the_nearest_document_is_asked_first_then_the_group(
    signed_in: Client, ana: User, ben: User, hanna: User
) -> None:
    make_document(title="Leave for parents", owner=ben)
    offer = seen(signed_in, message := refused(ana))
    assert offer.index("Ask Ben") < offer.index("Ask HR")
    confirm = seen(signed_in, message, "?confirm")
    assert "looks after “Leave for parents”" in confirm
    assert "everyone in HR (1)" in confirm
    assert "Seen by Ben; by HR, if they leave." in confirm
    assert len(offers_in(confirm)) == 2


def test_nobody_is_asked_to_answer_themselves(signed_in: Client, ana: User, hr: Group) -> None:
    make_document(title="Leave for parents", owner=ana)
    ana.groups.add(hr)
    assert "Nobody receives questions here yet" in seen(signed_in, refused(ana), "?confirm")


def test_a_department_has_its_own_inbox(signed_in: Client, ana: User, hanna: User) -> None:
    it = Group.objects.create(name="IT desk")
    make_user("ian@acme.example", it)
    Inbox.objects.create(department="it", group=it)
    message = refused(ana, "Why is the printer purple?")
    assert "Ask HR" in seen(signed_in, message)
    Message.objects.filter(pk=message.pk).update(department="it")
    assert "Ask IT desk" in seen(signed_in, message)


def test_below_an_answer_with_sources_their_owner_is_asked(signed_in: Client, ana: User, ben: User) -> None:
    version = make_version()
    Document.objects.update(owner=ben)
    confirm = seen(signed_in, make_message(make_conversation(ana), version), "?confirm")
    assert "looks after “Leave guide”" in confirm


def test_the_confirmation_names_each_question_that_goes_along(signed_in: Client, ana: User, hanna: User) -> None:
    conversation = make_conversation(ana)
    make_message(conversation, question="What about sabbaticals?")
    message = make_message(conversation, question="And how long?", status="no_answer")
    confirm = seen(signed_in, message, "?confirm")
    assert "these 2 questions with their answers" in confirm
    assert confirm.index("What about sabbaticals?") < confirm.index("And how long?")


def test_handed_over_it_says_to_whom_and_can_be_taken_back(signed_in: Client, ana: User, hanna: User) -> None:
    message = refused(ana, "Why is the printer purple?")
    to = offers_in(seen(signed_in, message, "?confirm"))[0]
    page = send(signed_in, message, to=to, note="It hums, too.").content.decode()
    assert "Handed over to HR" in page
    assert "It hums, too." in page
    handed = Escalation.objects.get()
    assert (handed.note, handed.group and handed.group.name) == ("It hums, too.", "HR")
    again = signed_in.post(f"/escalations/{handed.pk}/withdraw", headers={"HX-Request": "true"}).content.decode()
    assert "Handed over" not in again
    assert 'hx-trigger="revealed"' in again


@pytest.mark.parametrize("forged", ["", "group:1", "WyJ4IiwicGVyc29uIiwxXQ:1u2m3n:abc"])
def test_nobody_but_those_offered_can_be_asked(signed_in: Client, ana: User, hanna: User, forged: str) -> None:
    page = send(signed_in, refused(ana), to=forged, note="Keep this").content.decode()
    assert "This page is too old" in page
    assert "Keep this" in page
    assert not Escalation.objects.exists()


def test_an_offer_holds_for_its_own_question_only(signed_in: Client, ana: User, hanna: User) -> None:
    to = offers_in(seen(signed_in, refused(ana), "?confirm"))[0]
    assert "This page is too old" in send(signed_in, refused(ana), to=to).content.decode()


def test_whoever_left_meanwhile_is_not_asked(signed_in: Client, ana: User, ben: User) -> None:
    make_document(title="Leave for parents", owner=ben)
    to = offers_in(seen(signed_in, message := refused(ana), "?confirm"))[0]
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert "They can't be asked any more" in html.unescape(send(signed_in, message, to=to).content.decode())


def test_somebody_else_s_answer_is_not_there_for_cleo(client: Client, ana: User, cleo: User, hanna: User) -> None:
    message = refused(ana)
    handed = hand_over(ana, hanna.groups.get(), message)
    client.force_login(cleo)
    for address in (f"/answers/{message.pk}/ask", f"/answers/{message.pk}/ask?confirm"):
        assert client.get(address).status_code == 404
    for address in (
        f"/answers/{message.pk}/ask",
        f"/escalations/{handed.pk}/withdraw",
        f"/escalations/{handed.pk}/seen",
    ):
        assert client.post(address).status_code == 404


def dots(user: User) -> list[Conversation]:
    listed = [conversation for group in sidebar_of(user) for conversation in group.conversations]
    return [conversation for conversation in listed if getattr(conversation, "has_unread", False)]


def test_the_reply_stands_below_its_answer_with_a_dot_until_it_is_seen(
    signed_in: Client, ana: User, hanna: User
) -> None:
    message = refused(ana)
    handed = hand_over(ana, hanna.groups.get(), message)
    assert dots(ana) == []
    services.reply(user=hanna, escalation_id=handed.pk, text="Twelve weeks.\n<b>See</b> https://acme.example/leave")
    assert dots(ana) == [message.conversation]
    page = signed_in.get(f"/c/{message.conversation_id}/").content.decode()
    assert "New reply" in page
    assert "Hanna answered" in page
    assert "Twelve weeks.<br>&lt;b&gt;See&lt;/b&gt;" in page
    assert 'href="https://acme.example/leave"' in page
    assert "not AskAcme’s" in page
    assert f'hx-post="/escalations/{handed.pk}/seen" hx-trigger="revealed"' in page
    assert signed_in.post(f"/escalations/{handed.pk}/seen").status_code == 204
    assert dots(ana) == []
    assert "/seen" not in signed_in.get(f"/c/{message.conversation_id}/").content.decode()


def test_a_question_that_was_declined_says_why_and_can_be_asked_again(
    signed_in: Client, ana: User, hanna: User
) -> None:
    message = refused(ana)
    handed = hand_over(ana, hanna.groups.get(), message)
    services.decline(user=hanna, escalation_id=handed.pk, reason="Payroll knows.")
    page = signed_in.get(f"/c/{message.conversation_id}/").content.decode()
    assert "Hanna could not answer this" in page
    assert "Payroll knows." in page
    assert f'hx-get="/answers/{message.pk}/ask"' in page


def test_who_deletes_the_conversation_takes_the_question_back(client: Client, ana: User, hanna: User) -> None:
    message = refused(ana)
    handed = hand_over(ana, hanna.groups.get(), message)
    assert weight_of(message.conversation).handed_over == 1, "which the dialog says"
    removed_by(ana, message.conversation_id)
    client.force_login(hanna)
    assert client.get(f"/inbox/{handed.pk}/").status_code == 404
    assert not Escalation.objects.exists()
