"""
What is kept about people, by kind: how the old of it goes, and how one person's goes.

Each app registers its own when it is ready, so that governance need not know the tables above it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from governance.access.models import User
from governance.audit.models import LegalHold


@dataclass(frozen=True, slots=True)
class Held:
    """Whom legal holds in force cover: everyone, or these people."""

    everyone: bool = False
    people: frozenset[int] = frozenset()

    def covers(self, user_id: int) -> bool:
        return self.everyone or user_id in self.people


@dataclass(frozen=True, slots=True)
class Leaving:
    """The person who is erased, and who gets the documents that they own."""

    person: User
    heir: User | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """
    One kind of data.

    `purge` deletes what is older than a moment and not held, in transactions of its own; `erase` makes one person's
    go, in the caller's transaction. Both say how many rows that were. What goes by itself with the person's account
    needs no `erase`.
    """

    name: str
    purge: Callable[[datetime, Held], int] | None = None
    erase: Callable[[Leaving], int] | None = None


_stores: dict[str, Store] = {}


def register(*stores: Store) -> None:
    _stores.update({store.name: store for store in stores})


def stores() -> tuple[Store, ...]:
    return tuple(_stores.values())


def held_now() -> Held:
    holds = LegalHold.objects.in_force().values_list("for_everyone", "person_id")
    return Held(
        everyone=any(for_everyone for for_everyone, _ in holds),
        people=frozenset(person_id for _, person_id in holds if person_id is not None),
    )
