"""Repeated attacks by one account: counted in the database, told once."""

import logging
from datetime import timedelta
from functools import partial
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from askacme.lib.errors import Conflict
from governance.access.models import User
from governance.audit.services import record
from governance.guardrails.policy import Policy
from governance.guardrails.reviews.models import AbuseAlert, BlockedAttack
from governance.guardrails.reviews.tasks import tell_of
from governance.guardrails.values import GuardVerdict

logger = logging.getLogger(__name__)

ATTACKS = {"injection", "harm"}
"""Guards whose blocks count. Being off topic is no attack."""
ABOUT_ONESELF = "harm.self"
"""Codes that begin so are cries for help, which nobody is reported for."""
TOLD = "Security"


def is_attack(verdict: GuardVerdict) -> bool:
    return verdict.guard in ATTACKS and not verdict.code.startswith(ABOUT_ONESELF)


def note_attack(*, user_id: int, request_id: UUID, verdict: GuardVerdict, policy: Policy) -> AbuseAlert | None:
    """
    Count a blocked attack. The alert, if it raised one; one that is open already only counts on.

    Safe to repeat for one request. One account's attacks are counted one after the other, whatever runs side by side.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user_id)
        _, is_new = BlockedAttack.objects.get_or_create(
            request_id=request_id, defaults={"user_id": user_id, "guard": verdict.guard, "code": verdict.code}
        )
        if not is_new:
            return None
        open_alert = AbuseAlert.objects.open().filter(user=user_id).first()
        if open_alert:
            count_on(open_alert, verdict)
            return None
        recent = recent_attacks(user_id, policy)
        if recent.count() < policy.alert_after:
            return None
        return raised(user_id, recent)


def count_on(alert: AbuseAlert, verdict: GuardVerdict) -> None:
    alert.attacks += 1
    alert.latest_at = timezone.now()
    alert.codes = sorted({*alert.codes, verdict.code})
    alert.save(update_fields=["attacks", "latest_at", "codes"])


def recent_attacks(user_id: int, policy: Policy) -> QuerySet[BlockedAttack]:
    """Those of the window that no earlier alert told of."""
    recent = BlockedAttack.objects.filter(
        user=user_id, at__gt=timezone.now() - timedelta(minutes=policy.alert_within_min)
    )
    told = AbuseAlert.objects.filter(user=user_id).order_by("raised_at").last()
    return recent.filter(at__gt=told.acknowledged_at) if told and told.acknowledged_at else recent


def raised(user_id: int, recent: QuerySet[BlockedAttack]) -> AbuseAlert:
    codes = sorted(set(recent.values_list("code", flat=True)))
    alert = AbuseAlert.objects.create(user_id=user_id, attacks=recent.count(), latest_at=timezone.now(), codes=codes)
    record(actor=None, action="abuse.alert", target=str(alert.user), attacks=alert.attacks, codes=codes)
    transaction.on_commit(partial(tell_of.delay, alert.pk), robust=True)  # a mail server may take its time
    return alert


def acknowledge(*, actor: User, alert: AbuseAlert) -> None:
    """Somebody has seen it. What the account does from now on counts anew. Raises Conflict."""
    with transaction.atomic():
        mine = AbuseAlert.objects.open().filter(pk=alert.pk)
        if not mine.update(acknowledged_at=timezone.now(), acknowledged_by=actor):
            raise Conflict("Somebody has acknowledged this already.")
        record(actor=actor, action="abuse.acknowledge", target=str(alert.user), attacks=alert.attacks)


def tell(alert: AbuseAlert) -> None:
    """By e-mail, where it is set up; the console lists it in any case."""
    if not settings.ASKACME.email_url.get_secret_value():
        return
    in_charge = User.objects.filter(Q(is_superuser=True) | Q(groups__name=TOLD), is_active=True).distinct()
    for person in in_charge:
        try:
            send_mail(f"Repeated attacks by {alert.user}", text_for(person, alert), None, [person.email])
        except (SMTPException, OSError):
            logger.exception("The alert to user %s could not be sent; it stands in the console", person.pk)


def text_for(person: User, alert: AbuseAlert) -> str:
    site = settings.ASKACME.public_url.rstrip("/") or f"http://localhost:{settings.ASKACME.port}"
    return (
        f"Hello {person},\n\n{alert.attacks} questions by {alert.user} ({alert.user.email}) were blocked in a short"
        f" time, as: {', '.join(alert.codes)}.\n\nNothing was answered. Please look into it, and acknowledge the"
        f" alert:\n\n{site}{reverse('admin:governance_abusealert_changelist')}\n"
    )
