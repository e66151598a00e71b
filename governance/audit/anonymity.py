"""
Figures about people, for those who may not know of each: groups of at least k, so that nobody stands alone.

k is `ASKACME_SMALLEST_GROUP`. Auditors and superusers see people by name; all others (managers, for one) see figures
only through here. The idea is k-anonymity (Sweeney 2002) with the complementary suppression of official statistics: a
figure that was left out must not follow from a total less the figures beside it.

What this cannot stop: two tables of nearly the same rows, less one another. Offer whole days, months and departments
to choose from, never single moments.
"""

from collections.abc import Hashable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Aggregate, Count, Q, QuerySet

from governance.access.models import User

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Group:
    """One line of a table: how many people it is about, and its figures by name."""

    key: Any
    people: int
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Grouped:
    """
    The groups that are large enough, the largest first, and all others together.

    `is_withheld`: there are rows that nothing is said about, since the people behind all of them are too few.
    """

    named: tuple[Group, ...]
    other: Group | None = None
    is_withheld: bool = False


def smallest_group() -> int:
    """k: of fewer people than these, figures are not shown."""
    k: int = settings.ASKACME.smallest_group
    return k


def sees_people(user: User | AnonymousUser) -> bool:
    """Whether somebody's work is to look at single people: auditors and superusers."""
    return user.has_perm("governance.view_auditevent")


def in_groups(rows: QuerySet[Any], *, by: str, person: str = "user", **figures: Aggregate) -> Grouped:
    """
    The figures of the rows in groups of at least k different people.

    `by` must put each row in one group, a column of its own say; `person` names the column of the person. Groups that
    are too small become one. If that is still too small, the smallest of the large ones joins it: otherwise the total
    of all rows less the named groups would be what was left out. In two or three queries.
    """
    k = smallest_group()
    figures = {**figures, "people": Count(person, distinct=True)}
    counted = [_group(row, row.pop(by)) for row in rows.order_by().values(by).annotate(**figures)]
    counted.sort(key=lambda group: (-group.people, str(group.key)))
    named = [group for group in counted if group.people >= k]
    small = [group.key for group in counted if group.people < k]
    if not small:
        return Grouped(tuple(named))
    other = _together(rows, by, small, figures)
    if other.people < k and named:
        other = _together(rows, by, [*small, named.pop().key], figures)
    if other.people < k:
        return Grouped((), is_withheld=True)
    return Grouped(tuple(named), other)


def _together(rows: QuerySet[Any], by: str, keys: list[Any], figures: Mapping[str, Aggregate]) -> Group:
    """The groups as one; in SQL once more, since people and averages don't add up."""
    ours = Q(**{f"{by}__in": [key for key in keys if key is not None]})
    if None in keys:
        ours |= Q(**{f"{by}__isnull": True})
    return _group(rows.order_by().filter(ours).aggregate(**figures), None)


def _group(row: dict[str, Any], key: Any) -> Group:
    return Group(key, row.pop("people"), row)


def showable(groups: Mapping[K, Set[int]], everyone: Set[int]) -> set[K]:
    """
    Which groups' totals may stand in one table, beside a total of everyone. Groups may overlap.

    Each has at least k people; where one holds another, so many lie between them; and so many are in none of those
    that are shown. Thus no difference of two totals, nor what is left of everyone's, is about fewer than k.
    """
    k = smallest_group()
    shown: list[tuple[K, Set[int]]] = []
    for key, people in sorted(groups.items(), key=lambda item: (-len(item[1]), str(item[0]))):
        others = [everyone, *(known for _, known in shown)]
        if len(people) >= k and all(_tells_nothing(people, known, k) for known in others):
            shown.append((key, people))
    while shown and _too_few(everyone - _united(people for _, people in shown), k):
        shown.pop()
    return {key for key, _ in shown}


def _tells_nothing(people: Set[int], known: Set[int], k: int) -> bool:
    """Whether a total less the other says nothing about few people."""
    return not people <= known or not _too_few(known - people, k)


def _too_few(people: Set[int], k: int) -> bool:
    return 0 < len(people) < k


def _united(sets: Iterable[Set[int]]) -> Set[int]:
    return frozenset().union(*sets)
