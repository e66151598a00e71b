"""Erasure of a person on request: content goes, figures stay, and the chain still holds."""

import re
from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from askacme.lib.errors import Conflict, InvalidInput, UnderLegalHold
from governance.access.models import User
from governance.audit.blanking import blank
from governance.audit.chain import ERASING
from governance.audit.models import AuditedAnswer, AuditEvent, AuditLink, LegalHold
from governance.audit.stores import Leaving, held_now, stores

THE_PERSON = "[the person]"


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows of each kind; all empty when nothing was left."""

    counts: dict[str, int]

    def __bool__(self) -> bool:
        return any(self.counts.values())


def erase_person(*, actor: User | None, email: str, reason: str, heir: User | None = None) -> Erased:
    """
    Make all that tells of a person go, in one transaction, and the account with it.

    What they asked, said and did on record loses its words; what it cost, and when, stays as somebody's. Their
    documents go to `heir`. Safe to repeat: it then erases what has come since.

    Raises InvalidInput (no reason), UnderLegalHold, and Conflict for the last administrator and for documents without
    an heir.
    """
    if not reason.strip():
        raise InvalidInput("An erasure needs a reason, such as the request it answers.")
    email = email.strip().lower()
    with transaction.atomic():
        person = User.objects.select_for_update().filter(email__iexact=email).first()
        refuse_under_hold(person)
        counts = {} if person is None else erase_account(Leaving(person, heir))
        rows = rows_about(email, person)
        counts |= {"acts": len(rows[AuditLink.Kind.ACT]), "answers": len(rows[AuditLink.Kind.ANSWER])}
        if any(counts.values()) or person:
            blank(
                rows,
                actor=None if actor == person else actor,
                action="person.erase",
                target=f"person {person.pk}" if person else "a person who was erased before",
                reason=without(email, person.name if person else "", reason),
                counts=counts,
            )
        if person:
            person.delete()
    return Erased(counts)


def refuse_under_hold(person: User | None) -> None:
    held = held_now()
    if held.everyone or (person and held.covers(person.pk)):
        whom = "everyone" if held.everyone else "this person"
        raise UnderLegalHold(f"A legal hold covers {whom}: nothing can be erased before it ends.")


def erase_account(leaving: Leaving) -> dict[str, int]:
    person = leaving.person
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
    if person.is_superuser and not others.exists():
        raise Conflict("This is the last administrator: make somebody else one first.")
    if leaving.heir == person:
        raise Conflict("The documents have to go to somebody else.")
    counts = {store.name: store.erase(leaving) for store in stores() if store.erase}
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))
    LogEntry.objects.filter(about | Q(user=person)).delete()
    LegalHold.objects.filter(person=person).update(person=None)  # they have ended
    return counts


def rows_about(email: str, person: User | None) -> dict[AuditLink.Kind, list[int]]:
    """The audit rows whose content tells of the person: what they asked and did, and what others did about them."""
    names = [name for name in (email, person.name if person else "") if is_telling(name)]
    about = Q(actor_email__iexact=email) | Q(target__iexact=email)
    for name in names:
        about |= Q(target__icontains=name) | Q(details__icontains=name)
    if person:
        about |= Q(actor_id=person.pk)
    acts = AuditEvent.objects.filter(about, erased_at=None).exclude(action__in=ERASING)
    answers = (
        AuditedAnswer.objects.filter(user_id=person.pk, erased_at=None) if person else AuditedAnswer.objects.none()
    )
    return {
        AuditLink.Kind.ACT: list(acts.order_by("pk").values_list("pk", flat=True)),
        AuditLink.Kind.ANSWER: list(answers.order_by("pk").values_list("pk", flat=True)),
    }


def is_telling(name: str) -> bool:
    """An address, or more than a first name: “May” stands in many acts that are about nobody."""
    return "@" in name or " " in name.strip()


def without(email: str, name: str, text: str) -> str:
    for word in filter(is_telling, (email, name)):
        text = re.sub(re.escape(word), THE_PERSON, text, flags=re.IGNORECASE)
    return text.strip()[:500]
