"""
Finding acts and answers on the audit record.

Whoever searches learns who asked and when, or what was asked, never both: words are not searched among one person's
answers, and what words find names nobody. To bring the two together takes break-glass.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from operator import attrgetter

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from askacme.lib.errors import InvalidInput
from governance.access.models import User
from governance.audit.models import FOUND_BY, AuditedAnswer, AuditEvent

Row = AuditEvent | AuditedAnswer


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look for; empty is anything. Days are whole days, UTC, both included."""

    kind: str = ""
    person: str = ""
    action: str = ""
    target: str = ""
    status: str = ""
    department: str = ""
    model: str = ""
    prompt_version: str = ""
    guard: str = ""
    verdict: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def asks_for_acts(self) -> bool:
        """Whether nothing is asked that only answers have."""
        of_answers = (
            *(self.status, self.department, self.model, self.prompt_version),
            *(self.guard, self.verdict, self.words),
        )
        return self.kind != "answers" and not any(of_answers)

    @property
    def asks_for_answers(self) -> bool:
        return self.kind != "acts" and not self.action and not self.target

    @property
    def hides_people(self) -> bool:
        return bool(self.words)

    def period(self) -> Q:
        found = Q()
        if self.since:
            found &= Q(at__gte=datetime.combine(self.since, time(), UTC))
        if self.until:
            found &= Q(at__lt=datetime.combine(self.until + timedelta(days=1), time(), UTC))
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, the newest first. `before` is where the next page begins; None on the last one."""

    rows: Sequence[Row] = field(default_factory=list)
    before: datetime | None = None


def acts(filters: Filters) -> QuerySet[AuditEvent]:
    if not filters.asks_for_acts:
        return AuditEvent.objects.none()
    found = AuditEvent.objects.filter(filters.period())
    if filters.action:
        found = found.filter(action__startswith=filters.action)
    if filters.target:
        found = found.filter(target__icontains=filters.target)
    if filters.person:
        found = found.filter(Q(actor__in=people(filters.person)) | Q(actor_email__iexact=filters.person))
    return found


def answers(filters: Filters) -> QuerySet[AuditedAnswer]:
    """Raises InvalidInput when both words and a person are asked for."""
    if filters.words and filters.person:
        raise InvalidInput(
            "Words can't be searched among one person's answers: to read what somebody said, break the glass."
        )
    if not filters.asks_for_answers:
        return AuditedAnswer.objects.none()
    given = {
        "status": filters.status,
        "department": filters.department,
        "prompt_version": filters.prompt_version,
        "verdict": filters.verdict,
    }
    wanted = {name: value for name, value in given.items() if value}
    found = AuditedAnswer.objects.filter(filters.period(), **wanted)
    if filters.model:
        found = found.filter(model__istartswith=filters.model)
    if filters.guard:
        found = found.filter(verdict_code__startswith=f"{filters.guard}.")
    if filters.person:
        found = found.filter(user__in=people(filters.person))
    if filters.words:
        query = SearchQuery(filters.words, config="simple", search_type="websearch")
        found = found.annotate(found_by=FOUND_BY).filter(found_by=query)
    return found


def people(email: str) -> list[int]:
    return list(User.objects.filter(email__iexact=email).values_list("pk", flat=True))


def page_of(filters: Filters, *, before: datetime | None = None, size: int = 50) -> Page:
    """
    Acts and answers together, the newest first, at least `size` if there are so many.

    A page ends between two moments: what happened at the same moment as its last row is on it too. Raises InvalidInput.
    """
    tables: list[QuerySet[Row]] = [newest(acts(filters)), newest(without_words(answers(filters)))]
    if before:
        tables = [table.filter(at__lt=before) for table in tables]
    found = sorted(chain.from_iterable(table[: size + 1] for table in tables), key=attrgetter("at"), reverse=True)
    if len(found) <= size:
        return Page(found)
    last = found[size - 1].at
    rows = [row for row in found if row.at > last]
    return Page([*rows, *chain.from_iterable(table.filter(at=last) for table in tables)], last)


def newest(rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows.order_by("-at", "-pk")


def without_words(rows: QuerySet[AuditedAnswer]) -> QuerySet[AuditedAnswer]:
    return rows.defer("question", "standalone", "answer", "passages", "stages")
