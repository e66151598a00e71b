"""The one change that the audit record allows: content goes, and an act names the rows whose content went."""

from collections.abc import Mapping, Sequence

from governance.access.models import User
from governance.audit.models import AuditedAnswer, AuditEvent, AuditLink

Span = list[int]
"""The first and the last of consecutive row ids."""

Kind = AuditLink.Kind
MODELS: Mapping[Kind, type[AuditEvent] | type[AuditedAnswer]] = {
    Kind.ACT: AuditEvent,
    Kind.ANSWER: AuditedAnswer,
}


def blank(
    rows: Mapping[Kind, Sequence[int]], *, actor: User | None, action: str, target: str, **details: object
) -> AuditEvent:
    """
    Blank the content of these rows, by kind, and put on record which; in the caller's transaction.

    The act is the proof that they were erased and is never erased itself: it holds nobody's name, and says who did it
    by number only.
    """
    act = AuditEvent.objects.create(
        actor=actor,
        action=action,
        target=target,
        details={**details, "erased": {kind: spans(ids) for kind, ids in rows.items() if ids}},
    )
    for kind, ids in rows.items():
        model = MODELS[kind]
        model.objects.filter(pk__in=ids).update(**blanks(model), salt="", erased_at=act.at, erasure=act)
    return act


def blanks(model: type[AuditEvent] | type[AuditedAnswer]) -> dict[str, object]:
    empty = model()
    return {name: getattr(empty, name) for name in model.CONTENT}


def spans(ids: Sequence[int]) -> list[Span]:
    """Consecutive ids as one: the names of a thousand rows are to fit into one act."""
    found: list[Span] = []
    for number in sorted(ids):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found
