"""E-mail about questions that were handed over: to whom, once, and again when the server refused it."""

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from pydantic import SecretStr
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from chat.escalation import services
from chat.escalation.mail import send_due
from chat.escalation.models import Escalation
from chat.escalation.tasks import send_mail
from governance.access.models import User
from tests.cast import make_user
from tests.chat.handed import hand_over

pytestmark = pytest.mark.django_db


class Unreachable(EmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("Connection unexpectedly closed")


class Meddling(EmailBackend):
    """While it sends a mail, the person who asked takes all else back."""

    def send_messages(self, messages: Any) -> int:
        for escalation in Escalation.objects.filter(recipients_told_at=None):
            services.withdraw(user=escalation.asker, escalation_id=escalation.pk)
        return super().send_messages(messages)


class Choosy(EmailBackend):
    """Cannot cope with one subject."""

    def send_messages(self, messages: Any) -> int:
        if any("bonus" in message.subject for message in messages):
            raise ValueError("No bonus.")
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def mail_is_set_up(settings: Settings) -> None:
    settings.ASKACME = settings.ASKACME.model_copy(
        update={"email_url": SecretStr("smtp://mail.example"), "public_url": "https://ask.acme.example"}
    )


@pytest.fixture
def hr(db: None) -> Group:
    return Group.objects.create(name="HR")


@pytest.fixture
def hanna(hr: Group) -> User:
    return make_user("hanna@acme.example", hr)


def test_all_who_can_answer_are_told_at_once(ana: User, hanna: User, hr: Group, mailoutbox: list[EmailMessage]) -> None:
    make_user("hugo@acme.example", hr)
    make_user("gone@acme.example", hr, is_active=False)
    ana.groups.add(hr)
    handed = hand_over(ana, hr, question="Is there\r\na sabbatical?", note="For May.")
    assert [send_due(), send_due()] == [1, 0]
    (mail,) = mailoutbox
    assert mail.to == ["hanna@acme.example", "hugo@acme.example"]
    assert mail.subject == "Ana has a question: Is there a sabbatical?"
    assert "For May." in mail.body
    assert f"https://ask.acme.example/inbox/{handed.pk}/" in mail.body


def test_the_reply_is_told_to_who_asked(ana: User, hanna: User, hr: Group, mailoutbox: list[EmailMessage]) -> None:
    handed = hand_over(ana, hr)
    services.reply(user=hanna, escalation_id=handed.pk, text="Yes, six weeks.")
    assert [send_due(), send_due()] == [1, 0]
    (mail,) = mailoutbox
    assert mail.to == ["ana@acme.example"]
    assert mail.subject == "Hanna answered your question: Is there a sabbatical?"
    assert "Yes, six weeks." in mail.body
    pk = handed.message_id
    assert f"https://ask.acme.example/c/{handed.message.conversation_id}/?turn={pk}#turn-{pk}" in mail.body


def test_so_is_why_it_was_declined(ana: User, hanna: User, hr: Group, mailoutbox: list[EmailMessage]) -> None:
    handed = hand_over(ana, hr)
    services.decline(user=hanna, escalation_id=handed.pk, reason="Payroll knows.")
    send_due()
    assert mailoutbox[0].subject.startswith("Hanna could not answer your question")
    assert "Payroll knows." in mailoutbox[0].body


def test_what_was_taken_back_is_told_to_nobody(ana: User, hr: Group, hanna: User) -> None:
    services.withdraw(user=ana, escalation_id=hand_over(ana, hr).pk)
    assert send_due() == 0


def test_what_is_taken_back_while_others_are_sent_is_told_to_nobody(
    ana: User, hanna: User, hr: Group, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    for question in ("One?", "Two?"):
        hand_over(ana, hr, question=question)
    settings.EMAIL_BACKEND = f"{__name__}.Meddling"
    assert send_due() == len(mailoutbox) == 1


def test_one_mail_that_fails_keeps_no_other_back(
    ana: User, hanna: User, hr: Group, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    for question in ("A holiday?", "A bonus?", "A pause?"):
        hand_over(ana, hr, question=question)
    settings.EMAIL_BACKEND = f"{__name__}.Choosy"
    assert send_due() == len(mailoutbox) == 2
    assert Escalation.objects.get(recipients_told_at=None).question == "A bonus?"


def test_handed_over_once_more_after_taking_it_back_is_no_second_mail(
    ana: User, hanna: User, hr: Group, mailoutbox: list[EmailMessage]
) -> None:
    handed = hand_over(ana, hr)
    send_due()
    services.withdraw(user=ana, escalation_id=handed.pk)
    again = hand_over(ana, hr, handed.message, note="After all.")
    assert send_due() == 0
    assert (again.pk, again.state, again.note) == (handed.pk, "open", "After all.")
    services.withdraw(user=ana, escalation_id=again.pk)
    hand_over(ana, hanna, handed.message)
    assert send_due() == 1


def test_what_was_taken_up_by_who_left_before_the_mail_is_told(
    ana: User, hanna: User, hr: Group, mailoutbox: list[EmailMessage]
) -> None:
    gone = make_user("gone@acme.example", hr)
    services.claim(user=gone, escalation_id=hand_over(ana, hr).pk)
    assert send_due() == 0
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert send_due() == 1
    assert mailoutbox[0].to == ["hanna@acme.example"]


def test_what_the_server_refused_is_tried_again(
    ana: User, hanna: User, hr: Group, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    hand_over(ana, hr)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Unreachable"
    send_mail()
    assert Escalation.objects.get().recipients_told_at is None
    settings.EMAIL_BACKEND = working
    send_mail()
    assert len(mailoutbox) == 1


def test_what_could_not_be_sent_for_a_day_is_no_news(ana: User, hanna: User, hr: Group) -> None:
    hand_over(ana, hr)
    Escalation.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert send_due() == 0


def test_without_a_mail_server_everything_else_works(
    ana: User, hanna: User, hr: Group, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    settings.ASKACME = settings.ASKACME.model_copy(update={"email_url": SecretStr("")})
    services.reply(user=hanna, escalation_id=hand_over(ana, hr).pk, text="Yes.")
    assert send_due() == 0
    assert mailoutbox == []


def test_a_worker_is_woken_and_without_a_broker_nothing_fails(
    ana: User,
    hanna: User,
    hr: Group,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    woken: list[Callable[[], None]] = []

    def no_broker() -> None:
        woken.append(no_broker)
        raise ConnectionRefused("Error 111")

    from kombu.exceptions import OperationalError as ConnectionRefused

    monkeypatch.setattr(send_mail, "delay", no_broker)
    with django_capture_on_commit_callbacks(execute=True):
        handed = hand_over(ana, hr)
    assert woken == [no_broker]
    assert handed.state == "open"
