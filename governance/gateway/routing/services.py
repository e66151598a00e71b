"""Which tier of model answers a question; and what people do with the examples."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db import transaction

from askacme.lib.errors import InvalidInput
from governance.access.models import User
from governance.audit.services import record
from governance.gateway.routing.classifier import classifier, classify
from governance.gateway.routing.models import Department, Kind, RoutingExample, RoutingRule
from governance.gateway.routing.trained import Classified
from governance.gateway.types import Vectors

MOST_LINES = 2000
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Route:
    """The tier, what the question was taken for, and the reason in a few words."""

    tier: Literal["fast", "strong"]
    kind: str
    department: str
    reason: str


def route(
    *,
    question: str,
    caller_group_ids: Iterable[int],
    forced_strong: bool,
    degraded: bool,
    vector: Vectors | None = None,
) -> Route:
    """
    A budget that allows the fast tier only goes before everything; an answer that was bad goes before the rules.

    Raises ModelUnavailable when there is no embedding model.
    """
    seen = classify(question, vector)
    if degraded:
        return Route("fast", seen.kind, seen.department, "budget: fast only")
    if forced_strong:
        return Route("strong", seen.kind, seen.department, "asked again after a thumbs-down")
    return by_rules(seen, frozenset(caller_group_ids))


def by_rules(seen: Classified, group_ids: frozenset[int]) -> Route:
    """The first active rule that fits; the fast tier if none does."""
    for rule in RoutingRule.objects.filter(is_active=True).select_related("group"):
        if rule.fits(kind=seen.kind, department=seen.department, group_ids=group_ids):
            tier: Literal["fast", "strong"] = "strong" if rule.tier == RoutingRule.Tier.STRONG else "fast"
            return Route(tier, seen.kind, seen.department, f"rule: {rule}")
    return Route("fast", seen.kind, seen.department, "no rule fits")


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    changed: int
    same: int


def import_examples(*, text: str, actor: User | None) -> Imported:
    """
    Lines of `kind | department | question`: all of them, or none. A question that is there gets the new labels.

    Raises InvalidInput that names the first wrong line.
    """
    rows = [example_in(line, n) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not rows:
        raise InvalidInput("Write at least one line.")
    if len(rows) > MOST_LINES:
        raise InvalidInput(f"At most {MOST_LINES:,} lines at a time; these are {len(rows):,}.")
    with transaction.atomic():
        outcomes = [keep(row, actor) for row in rows]
        counts = Imported(*(outcomes.count(outcome) for outcome in ("added", "changed", "same")))
        record(
            actor=actor,
            action="routing_example.import",
            target=f"{len(rows)} lines",
            added=counts.added,
            changed=counts.changed,
        )
    classifier().look_again()
    return counts


def example_in(line: str, n: int) -> RoutingExample:
    parts = [part.strip() for part in line.split("|", 2)]
    if len(parts) != 3 or not parts[2]:
        raise InvalidInput(f"Line {n}: write kind | department | question.")
    kind, department, question = parts[0].lower(), parts[1].lower(), parts[2]
    if kind not in Kind.values:
        raise InvalidInput(f"Line {n}: “{parts[0]}” is no kind. Kinds: {', '.join(Kind.values)}.")
    if department not in Department.values:
        raise InvalidInput(f"Line {n}: “{parts[1]}” is no department. Departments: {', '.join(Department.values)}.")
    if len(question) > LONGEST or "\x00" in question:
        raise InvalidInput(f"Line {n}: a question has at most {LONGEST} characters.")
    return RoutingExample(text=question, kind=kind, department=department)


def keep(row: RoutingExample, actor: User | None) -> str:
    known = RoutingExample.objects.filter(text=row.text).first()
    if known is None:
        row.created_by = actor
        row.save()
        return "added"
    if (known.kind, known.department) == (row.kind, row.department):
        return "same"
    known.kind, known.department = row.kind, row.department
    known.save(update_fields=["kind", "department", "updated_at"])
    return "changed"
