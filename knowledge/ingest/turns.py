"""
Whose turn it is: people take turns, whoever was served longest ago first; a person's own files go by age.

So one person's five hundred files delay another's single one by no more than what is in work. What came without a
person (imports, synchronised folders) shares one turn.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

from django.db.models import Max, Q
from django.utils import timezone

from knowledge.documents.models import STALLED_AFTER, DocumentVersion, VersionQuerySet

PersonId = int | None
State = DocumentVersion.State

REMEMBERED = timedelta(hours=1)
"""Whoever was served longer ago counts as never served: who waits now came after that."""
NEVER = datetime.min.replace(tzinfo=UTC)


def due() -> VersionQuerySet:
    """What waits for a worker and may be taken up now."""
    return DocumentVersion.objects.filter(is_due(timezone.now()))


def abandoned() -> VersionQuerySet:
    """What a worker began, and then gave no sign of life for a while."""
    return DocumentVersion.objects.filter(is_abandoned(timezone.now()))


def free() -> VersionQuerySet:
    """What any worker may take up now."""
    now = timezone.now()
    return DocumentVersion.objects.filter(is_due(now) | is_abandoned(now))


def is_due(now: datetime) -> Q:
    return Q(state=State.QUEUED) & (Q(retry_at=None) | Q(retry_at__lte=now))


def is_abandoned(now: datetime) -> Q:
    return Q(state__in=[State.PARSING, State.EMBEDDING], heartbeat_at__lt=now - STALLED_AFTER)


def first_in_line() -> int | None:
    """The version to take up next; the first of `in_fair_order`, without reading the whole queue."""
    firsts = due().order_by("uploaded_by", "created_at", "pk").distinct("uploaded_by")
    served = last_served()
    found = [(served.get(person, NEVER), created_at, pk) for person, created_at, pk in rows(firsts)]
    return min(found)[2] if found else None


def in_fair_order() -> list[int]:
    """All versions that are due, in the order in which they will be taken up if nobody comes in between."""
    lines: dict[PersonId, list[int]] = {}
    for person, _, pk in rows(due().order_by("created_at", "pk")):
        lines.setdefault(person, []).append(pk)
    served = last_served()
    people = sorted(lines, key=lambda person: served.get(person, NEVER))  # stable: else whose oldest file is older
    rounds = zip_longest(*(lines[person] for person in people))
    return [pk for each_one in rounds for pk in each_one if pk is not None]


def positions(wanted: Iterable[DocumentVersion]) -> dict[int, int]:
    """Places in the line, from 1, by version id. Only what waits and is due has one."""
    waiting = {version.pk for version in wanted if version.state == State.QUEUED}
    if not waiting:
        return {}
    return {pk: place for place, pk in enumerate(in_fair_order(), 1) if pk in waiting}


def last_served() -> dict[PersonId, datetime]:
    """When a file of each person was last taken up."""
    recent = DocumentVersion.objects.filter(started_at__gte=timezone.now() - REMEMBERED).order_by()
    return dict(recent.values("uploaded_by").annotate(last=Max("started_at")).values_list("uploaded_by", "last"))


def rows(versions: VersionQuerySet) -> Iterable[tuple[PersonId, datetime, int]]:
    return versions.values_list("uploaded_by", "created_at", "pk")
