"""The audit record as JSON Lines, in the order of time, however long it is."""

import heapq
import json
from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from askacme.lib.errors import InvalidInput
from governance.access.models import User
from governance.audit.models import AuditedAnswer, AuditEvent, AuditLink
from governance.audit.ocsf import event_of
from governance.audit.services import record

AT_ONCE = 1_000
MODELS: dict[str, type[AuditEvent] | type[AuditedAnswer]] = {
    AuditLink.Kind.ACT: AuditEvent,
    AuditLink.Kind.ANSWER: AuditedAnswer,
}


def export(
    *, actor: User | None, since: datetime | None = None, until: datetime | None = None, kind: str = ""
) -> Iterator[str]:
    """
    Lines of OCSF events from `since` to before `until`, each with its newline; `kind` is act, answer or empty for both.

    That it was exported is on record at once; the lines are read from the database as they are taken. Raises
    InvalidInput.
    """
    if kind and kind not in MODELS:
        raise InvalidInput(f"kind: write one of {', '.join(MODELS)}, or nothing for both.")
    given = {"since": since.isoformat() if since else None, "until": until.isoformat() if until else None}
    record(actor=actor, action="audit.export", target=kind or "acts and answers", **given)
    rows = heapq.merge(
        *(in_pages(rows_of(model, since, until)) for name, model in MODELS.items() if kind in {"", name}),
        key=attrgetter("at"),
    )
    return map(line_of, rows)


def line_of(row: AuditEvent | AuditedAnswer) -> str:
    return json.dumps(event_of(row), ensure_ascii=False) + "\n"


def rows_of(model: Any, since: datetime | None, until: datetime | None) -> QuerySet[Any]:
    period = (Q(at__gte=since) if since else Q()) & (Q(at__lt=until) if until else Q())
    rows: QuerySet[Any] = model.objects.filter(period)
    return rows.select_related("user" if model is AuditedAnswer else "actor")


def in_pages(rows: QuerySet[Any]) -> Iterator[Any]:
    """
    The oldest first, each page by where the one before ended, in a query of its own.

    So nothing stays open while somebody's connection is slow, and any thread may take the next row.
    """
    page = Q()
    while True:
        part = list(rows.filter(page).order_by("at", "pk")[:AT_ONCE])
        yield from part
        if len(part) < AT_ONCE:
            return
        last = part[-1]
        page = Q(at__gte=last.at) & (Q(at__gt=last.at) | Q(pk__gt=last.pk))  # the index finds by the first half
