"""Legal holds and retention rules: what people decide about them."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.models import User
from governance.audit.models import LegalHold, RetentionRule
from governance.audit.services import record


def place_hold(*, actor: User | None, person: User | None, reason: str, until: datetime | None = None) -> LegalHold:
    """From now on nothing of the person's, or without one of anybody's, is deleted or erased. Raises InvalidInput."""
    if not reason.strip():
        raise InvalidInput("A legal hold needs a reason: the case, and who asked for it.")
    if until and until <= timezone.now():
        raise InvalidInput("The end of a legal hold lies in the future.")
    with transaction.atomic():
        hold = LegalHold.objects.create(
            for_everyone=person is None, person=person, reason=reason.strip()[:500], placed_by=actor, until=until
        )
        record(
            actor=actor,
            action="legal_hold.place",
            target=person.email if person else "everyone",
            reason=hold.reason,
            until=until.isoformat() if until else None,
        )
    return hold


def end_hold(*, actor: User | None, hold_id: int) -> LegalHold:
    """It covers nothing any more; that it was there stays. Raises Conflict."""
    with transaction.atomic():
        hold = LegalHold.objects.in_force().select_for_update().filter(pk=hold_id).first()
        if hold is None:
            raise Conflict("This legal hold is not in force.")
        before, hold.until = hold.until, timezone.now()
        hold.save(update_fields=["until"])
        record(
            actor=actor,
            action="legal_hold.end",
            target=hold.person.email if hold.person else "everyone",
            reason=hold.reason,
            before={"until": before.isoformat() if before else None},
            after={"until": hold.until.isoformat()},
        )
    return hold


def keep_for(*, actor: User | None, table: str, days: int | None) -> RetentionRule:
    """How long one kind of data is kept; None is for ever. Raises InvalidInput."""
    if table not in RetentionRule.Table.values:
        raise InvalidInput(f"table: write one of {', '.join(RetentionRule.Table.values)}.")
    if days is not None and days < 1:
        raise InvalidInput("days: at least one, or none at all for ever.")
    with transaction.atomic():
        rule, _ = RetentionRule.objects.select_for_update().get_or_create(table=table)
        before, rule.days = rule.days, days
        rule.save(update_fields=["days"])
        if before != days:
            record(
                actor=actor,
                action="retention.change",
                target=rule.get_table_display(),
                before={"days": before},
                after={"days": days},
            )
    return rule
