"""Which people an audience holds, and whom a change of it lets in."""

from dataclasses import dataclass
from typing import Self

from django.db.models import Exists, OuterRef, Q, QuerySet

from governance.access.models import User
from knowledge.audience.models import Collection
from knowledge.documents.models import Document

NAMED = 5
"""People whom a warning calls by name."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a document, once it is known whose audience counts: everyone or these groups, and its owner."""

    for_everyone: bool = False
    group_ids: frozenset[int] = frozenset()
    owner_id: int | None = None

    @classmethod
    def to(cls, document: Document) -> Self:
        return cls.through(document.audience_holder, document.owner_id)

    @classmethod
    def through(cls, holder: Document | Collection, owner_id: int | None) -> Self:
        return cls(holder.for_everyone, frozenset(group.pk for group in holder.groups.all()), owner_id)

    def people(self) -> QuerySet[User]:
        """The active people who may see it: the other side of `Document.objects.visible_to`."""
        active = User.objects.filter(is_active=True)
        if self.for_everyone:
            return active
        member = Exists(User.groups.through.objects.filter(user_id=OuterRef("pk"), group_id__in=self.group_ids))
        return active.filter(Q(pk=self.owner_id) | member if self.owner_id is not None else Q(member))

    def as_key(self) -> str:
        """A short name of this access, the same for the same people."""
        groups = "-".join(map(str, sorted(self.group_ids)))
        return f"{'all' if self.for_everyone else groups}.{self.owner_id or ''}"


@dataclass(frozen=True, slots=True)
class Widening:
    """People who would see what they could not see before: how many, and the first of them by name."""

    count: int = 0
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.how_many} will see it: {self.who}." if self.count else "Nobody else will see it."

    @property
    def how_many(self) -> str:
        return f"{self.count:,} more {'person' if self.count == 1 else 'people'}"

    @property
    def who(self) -> str:
        rest = self.count - len(self.names)
        return ", ".join(self.names) + (f" and {rest:,} others" if rest > 1 else " and another" if rest else "")

    @property
    def for_audit(self) -> dict[str, object]:
        return {"widened": True, "more_people": self.count} if self.count else {}


def widening(before: Access, after: Access) -> Widening:
    """Whom the change lets in; nobody, without a query, when the audience stays or everyone saw it before."""
    if before.for_everyone or before == after:
        return Widening()
    return counted(newcomers(before, after))


def widening_of_collection(collection: Collection, after: Access) -> Widening:
    """Whom a new audience of the collection lets see documents in it that they could not see before."""
    before = Access.through(collection, None)
    if before.for_everyone or before == after:
        return Widening()
    inheriting = Document.objects.filter(collection=collection, inherits_audience=True)
    others = inheriting.filter(Q(owner=None) | ~Q(owner=OuterRef("pk")))
    return counted(newcomers(before, after).filter(Exists(others)))


def newcomers(before: Access, after: Access) -> QuerySet[User]:
    return after.people().exclude(pk__in=before.people().values("pk"))


def counted(people: QuerySet[User]) -> Widening:
    count = people.count()
    named = people.order_by("name", "email")[:NAMED] if count else ()
    return Widening(count, tuple(map(str, named)))
