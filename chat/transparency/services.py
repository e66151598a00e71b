"""Being told what one is talking to, until one says that one understands."""

from django.db import transaction

from chat.transparency.models import Acknowledgement
from governance.access.models import User
from governance.audit.services import record

NOTICE = "2026-11"
"""
The version of the notice's words. A new one is shown to everybody again: change it when what is said changes, not
when a comma does. What comes from the configuration (models, retention) is on the page about AskAcme, always as it is.
"""


def acknowledge(*, user: User, version: str) -> bool:
    """Keep that the person has read this version of the notice. False, and nothing happens, if they had already."""
    with transaction.atomic():
        _, is_new = Acknowledgement.objects.get_or_create(user=user, version=version)
        if is_new:
            record(actor=user, action="transparency.acknowledge", target=f"notice {version}")
    return is_new


def has_acknowledged(user: User) -> bool:
    return Acknowledgement.objects.visible_to(user).filter(version=NOTICE).exists()
