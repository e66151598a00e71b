"""What is done about a version's health: its findings are kept, and a person lets it through."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from askacme.lib.errors import Conflict, NotAllowed
from governance.access.audience import Audience
from governance.access.models import User
from governance.audit.services import record
from knowledge.documents.models import DocumentVersion, VersionQuerySet
from knowledge.documents.services import retry
from knowledge.health.examine import QUARANTINED, look_around
from knowledge.health.models import Finding
from knowledge.health.noticed import Noticed
from knowledge.index.indexes import live_index
from knowledge.index.store import stored

State = DocumentVersion.State


def save_findings(*, version: DocumentVersion, findings: Iterable[Noticed]) -> None:
    """Keep what was found, in place of what was found when the version was read before."""
    with transaction.atomic():
        Finding.objects.filter(version=version).delete()
        add_findings(version, findings)


def add_findings(version: DocumentVersion, findings: Iterable[Noticed]) -> None:
    Finding.objects.bulk_create(
        Finding(
            version=version,
            kind=noticed.kind,
            severity=noticed.severity,
            message=noticed.message[:500],
            excerpt=noticed.excerpt,
            other_excerpt=noticed.other_excerpt,
            other_id=noticed.other_id,
            page=noticed.page,
        )
        for noticed in findings
    )


def complete_next_card() -> bool:
    """
    Look around for one published version whose card lacks that; False if there is none.

    The version's row is locked meanwhile: two workers never take the same one, and what a killed worker had begun is
    begun again.
    """
    with transaction.atomic():
        waiting = waiting_cards().select_for_update(skip_locked=True, no_key=True, of=("self",))
        version = waiting.defer("text", "blocks").order_by("published_at").first()
        if version is None:
            return False
        found = look_around(version, stored(version, live_index()))
        add_findings(version, found.findings)
        DocumentVersion.objects.filter(pk=version.pk).update(
            questions=list(found.questions), looked_around_at=timezone.now()
        )
    return True


def waiting_cards() -> VersionQuerySet:
    """Versions in use that have not been compared with the others."""
    return DocumentVersion.objects.filter(looked_around_at=None, state=State.READY, document__current=F("pk"))


def release(*, version: DocumentVersion, actor: User) -> None:
    """
    Let a version through that was held back: it is read again, and published with its findings on the card.

    Whoever releases must be able to read the document, or they would vouch for words that they haven't seen: so it
    takes somebody in its audience, a superuser included. Raises NotAllowed, and Conflict when it isn't held back.
    """
    if not DocumentVersion.objects.visible_to(Audience.of(actor)).filter(pk=version.pk).exists():
        raise NotAllowed(
            "Only somebody who may read this document can release it. Ask its owner or someone in its groups."
        )
    with transaction.atomic():
        changed = held_back().filter(pk=version.pk).update(released_at=timezone.now(), released_by=actor)
        if not changed:
            raise Conflict("This version is not held back any more. Load the page again to see where it stands.")
        record(actor=actor, action="document.release", target=version.document.path, version=version.number)
        retry(version=version, actor=actor)


def held_back() -> VersionQuerySet:
    """Versions that wait for a person."""
    return DocumentVersion.objects.filter(state=State.FAILED, error_code=QUARANTINED)
