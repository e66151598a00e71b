"""Telling the owner of a canary that it took itself back."""

import logging
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from governance.prompts.releases.models import Release

logger = logging.getLogger(__name__)


def tell_soon(release: Release) -> None:
    """By e-mail once the transaction is committed, if e-mail is set up; the console shows it in any case."""
    if settings.ASKACME.email_url.get_secret_value():
        transaction.on_commit(partial(tell, release))


def tell(release: Release) -> None:
    owner = release.released_by
    if owner is None or not owner.is_active:
        return
    try:
        send_mail(f"Taken back: {release.recipe}", text_for(release), None, [owner.email])
    except (SMTPException, OSError):
        logger.exception("The e-mail to %s could not be sent; the reason stands with %s", owner, release.label)


def text_for(release: Release) -> str:
    site = settings.ASKACME.public_url.rstrip("/") or f"http://localhost:{settings.ASKACME.port}"
    return (
        f"Hello {release.released_by},\n\n"
        f"your canary {release.recipe} was out to {release.share} % of people, and took itself back.\n\n"
        f"{release.reason}\n\n"
        "Everybody has the recipe again that was in force before.\n\n"
        f"{site}{release.get_absolute_url()}\n"
    )
