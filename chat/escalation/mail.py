"""
E-mail about questions that were handed over: to those who can answer them, and to those who asked.

The rows say what is still to be sent, so nothing is lost with a worker, and what a mail server refuses is tried again.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.escalation.models import Escalation, EscalationQuerySet, inbox_group
from governance.access.models import User
from governance.guardrails.pii.shown import readable

logger = logging.getLogger(__name__)

TRIED_FOR = timedelta(days=1)
"""What could not be sent for so long is no news any more."""
SUBJECT_CHARS = 70


def send_due() -> int:
    """
    Send each mail that is still to be sent, once, whatever other workers do meanwhile.

    Returns how many were sent: none without `ASKACME_EMAIL_URL`.
    """
    if not settings.ASKACME.email_url.get_secret_value():
        return 0
    due = [(field, pk) for field, rows in untold().items() for pk in rows.values_list("pk", flat=True)]
    return sum(tell(pk, field) for field, pk in due)


def untold() -> dict[str, EscalationQuerySet]:
    """
    By the field that says it was told.

    Those that wait for somebody who doesn't know, and those that ended without the person who asked knowing.
    """
    news = timezone.now() - TRIED_FOR
    ended = Escalation.objects.filter(asker_told_at=None, ended_at__gte=news)
    return {
        "recipients_told_at": Escalation.objects.waiting().filter(recipients_told_at=None, created_at__gte=news),
        "asker_told_at": ended.exclude(closed_as=Escalation.ClosedAs.WITHDRAWN),
    }


def tell(pk: UUID, field: str) -> bool:
    """
    Whether the mail was sent: not when the question was taken back or answered meanwhile. What has nobody to go to
    counts as told.

    The row is marked before and unmarked after a failure: no lock is held while a mail server takes its time. Whatever
    fails, the next one has its turn.
    """
    if not untold()[field].filter(pk=pk).update(**{field: timezone.now()}):
        return False
    row = Escalation.objects.filter(pk=pk)
    try:
        escalation = row.select_related("message__conversation__user", "replied_by", "person", "group").get()
        mail = mail_to_asker(escalation) if field == "asker_told_at" else mail_to_recipients(escalation)
        return bool(mail.to and mail.send())
    except Exception:
        logger.exception("E-mail about question %s could not be sent: it is tried again", pk)
        row.update(**{field: None})
        return False


def mail_to_recipients(escalation: Escalation) -> EmailMessage:
    body = _(
        "%(asker)s asks:\n\n%(question)s\n%(note)s\nAnswer here, with the conversation that led to it:\n%(link)s\n"
    )
    note = _("\nTheir note:\n%(note)s\n") % {"note": readable(escalation.note)} if escalation.note else ""
    return EmailMessage(
        subject_about(_("%(asker)s has a question"), escalation),
        body % {**words_of(escalation), "note": note, "link": site() + escalation.get_absolute_url()},
        to=[user.email for user in recipients_of(escalation)],
    )


def mail_to_asker(escalation: Escalation) -> EmailMessage:
    answered = escalation.state == Escalation.State.ANSWERED
    subject = _("%(replier)s answered your question") if answered else _("%(replier)s could not answer your question")
    body = _("Your question:\n\n%(question)s\n\n%(replier)s writes:\n\n%(said)s\n\nIn your conversation:\n%(link)s\n")
    pk = escalation.message_id
    link = f"{reverse('conversation', args=[escalation.message.conversation_id])}?turn={pk}#turn-{pk}"
    said = readable(escalation.reply if answered else escalation.reason)
    return EmailMessage(
        subject_about(subject, escalation),
        body % {**words_of(escalation), "said": said, "link": site() + link},
        to=[escalation.asker.email] if escalation.asker.is_active else [],
    )


def recipients_of(escalation: Escalation) -> list[User]:
    """Whoever may answer it now, but for the person who asked."""
    if escalation.person and escalation.person.is_active:
        return [escalation.person]
    group = escalation.group or inbox_group()
    members = group.user_set.filter(is_active=True).order_by("pk") if group else User.objects.none()
    return list(members.exclude(pk=escalation.asker.pk))


def words_of(escalation: Escalation) -> dict[str, str]:
    return {"asker": str(escalation.asker), "replier": escalation.replier, "question": readable(escalation.question)}


def subject_about(words: str, escalation: Escalation) -> str:
    """On one line: a line break in a header would be an attack, and Django refuses it."""
    question = " ".join(readable(escalation.question).split())
    short = question if len(question) <= SUBJECT_CHARS else f"{question[:SUBJECT_CHARS]}…"
    return " ".join(f"{words % words_of(escalation)}: {short}".split())


def site() -> str:
    base: str = settings.ASKACME.public_url.rstrip("/") or f"http://localhost:{settings.ASKACME.port}"
    return base
