"""What a person may use: their own share, and what they share with others."""

from dataclasses import asdict, dataclass
from typing import Literal, Self

from governance.gateway.limits.models import KINDS, UsageLimit

Scope = UsageLimit.Scope
Who = Literal["person", "group", "everyone"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most so much; None: as much as they like."""

    requests_per_minute: int | None = None
    requests_per_day: int | None = None
    tokens_per_minute: int | None = None
    tokens_per_day: int | None = None
    concurrent_runs: int | None = None

    @classmethod
    def of(cls, row: UsageLimit) -> Self:
        return cls(**{kind: getattr(row, kind) for kind in KINDS})

    def or_more(self, other: "Allowance") -> "Allowance":
        """The more generous of the two, kind by kind."""
        mine, theirs = asdict(self), asdict(other)
        return Allowance(**{kind: at_most(mine[kind], theirs[kind]) for kind in KINDS})


EACH_PERSON = Allowance(requests_per_minute=30, concurrent_runs=4)
"""Without a row for each person: nobody types faster, and a script that does is slowed down."""

EVERYONE_TOGETHER = Allowance(concurrent_runs=100)
"""Without a row for everyone: more answers than that at the same time only make all of them slow."""


@dataclass(frozen=True, slots=True)
class Share:
    """One allowance and who draws on it. `key` names it in Redis."""

    key: str
    who: Who
    name: str
    allowance: Allowance


def shares_of(user_id: int, group_ids: tuple[int, ...]) -> tuple[Share, ...]:
    """All that counts for a question of this person: their own share, their groups', everyone's."""
    rows = list(UsageLimit.objects.about(user_id, group_ids))
    together = [
        Share(f"group:{row.group_id}", "group", str(row.group), Allowance.of(row))
        for row in rows
        if row.scope == Scope.GROUP_TOGETHER
    ]
    everyone = next((Allowance.of(row) for row in rows if row.scope == Scope.EVERYONE_TOGETHER), EVERYONE_TOGETHER)
    own = Share(f"person:{user_id}", "person", "", own_allowance(rows))
    return (own, *together, Share("everyone", "everyone", "", everyone))


def own_allowance(rows: list[UsageLimit]) -> Allowance:
    """The person's own row, else the most generous of their groups', else each person's, else the default."""
    for scope in (Scope.PERSON, Scope.GROUP, Scope.EACH_PERSON):
        found = [Allowance.of(row) for row in rows if row.scope == scope]
        if found:
            allowance, *others = found
            for other in others:
                allowance = allowance.or_more(other)
            return allowance
    return EACH_PERSON


def at_most(one: int | None, other: int | None) -> int | None:
    """The higher of two limits; None is no limit at all."""
    return None if one is None or other is None else max(one, other)
