"""Asking owners, by e-mail and once, to look through documents whose review is due."""

import logging
from datetime import date
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from governance.access.models import User
from knowledge.documents.models import Document
from knowledge.documents.standing import as_words

logger = logging.getLogger(__name__)


def remind_owners(day: date | None = None) -> int:
    """
    Send each active owner one e-mail about all documents that became due and that they weren't asked about yet.

    Returns how many were sent: none without `ASKACME_EMAIL_URL`. Who could not be reached is asked the next time.
    """
    if not settings.ASKACME.email_url.get_secret_value():
        return 0
    day = day or timezone.localdate()
    owners = User.objects.filter(is_active=True, owned_documents__in=to_be_asked_about(day)).distinct()
    return sum(remind(owner, day) for owner in owners)


def to_be_asked_about(day: date) -> QuerySet[Document]:
    """Documents that are due, and whose owner was not reminded since they became due."""
    return Document.objects.due_for_review(day).filter(Q(reminded_on=None) | Q(reminded_on__lt=F("review_on")))


def remind(owner: User, day: date) -> bool:
    """Whether the e-mail was sent. The documents stay locked meanwhile: two processes don't ask twice."""
    with transaction.atomic():
        mine = to_be_asked_about(day).filter(owner=owner).order_by("review_on", "title")
        documents = list(mine.select_for_update(skip_locked=True))
        if not documents:
            return False
        try:
            send_mail(subject_for(documents), text_for(owner, documents), None, [owner.email])
        except (SMTPException, OSError):
            logger.exception("The reminder to %s could not be sent: it is tried again tomorrow", owner)
            return False
        Document.objects.filter(pk__in=[document.pk for document in documents]).update(reminded_on=day)
    return True


def subject_for(documents: list[Document]) -> str:
    if len(documents) == 1:
        return f"Please review “{documents[0].title}”"
    return f"Please review {len(documents)} documents"


def text_for(owner: User, documents: list[Document]) -> str:
    lines = [f"- {document.title} (due on {due_on(document)})\n  {link_to(owner, document)}" for document in documents]
    return (
        f"Hello {owner},\n\n"
        "people get answers from these documents, which you own. Please look through them, and check that what they "
        "say still holds:\n\n" + "\n".join(lines) + "\n\n"
        "If something has changed, upload a new version; if not, press “Reviewed” on the document's page in the "
        "console. If you can't open it, tell HR.\n"
    )


def due_on(document: Document) -> str:
    return as_words(document.review_on) if document.review_on else ""


def link_to(owner: User, document: Document) -> str:
    """To the console for owners who work there, else to what people read."""
    site = settings.ASKACME.public_url.rstrip("/") or f"http://localhost:{settings.ASKACME.port}"
    if owner.is_staff and owner.has_perm("knowledge.change_document"):
        return site + reverse("admin:knowledge_document_change", args=[document.pk])
    return site + (reverse("document", args=[document.current_id]) if document.current_id else "/")
