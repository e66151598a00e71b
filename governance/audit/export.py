"""The audit record as JSON Lines, in the order of time, however long it is."""

import heapq
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q

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
        *(rows_of(model, since, until) for name, model in MODELS.items() if kind in {"", name}),
        key=lambda row: row.at,
    )
    return (json.dumps(event_of(row), ensure_ascii=False) + "\n" for row in rows)


def rows_of(model: Any, since: datetime | None, until: datetime | None) -> Iterator[Any]:
    """In pages, each by where the one before ended: no transaction stays open while somebody's connection is slow."""
    wanted = Q(at__lt=until) if until else Q()
    page = Q(at__gte=since) if since else Q()
    while True:
        rows = list(model.objects.filter(wanted & page).select_related("user" if model is AuditedAnswer else "actor")
                    .order_by("at", "pk")[:AT_ONCE])  # fmt: skip
        yield from rows
        if len(rows) < AT_ONCE:
            return
        last = rows[-1]
        page = Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk)
