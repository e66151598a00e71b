"""Who can see a document, and why: the same truth as `Document.objects.visible_to`, seen from the people's side."""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from governance.access.backends import EmailBackend
from governance.access.models import User
from knowledge.audience.access import Access
from knowledge.audience.models import Collection
from knowledge.audience.view_as import PERMISSION
from knowledge.documents.models import Document


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who can see a document, with every reason in words."""

    user: User
    reasons: tuple[str, ...]


def people_who_see(document: Document, *, search: str = "") -> QuerySet[User]:
    """Active people in the document's audience, by name; with `search`, only those whose name or address holds it."""
    access = Access.to(document)
    groups = Group.objects.filter(user=OuterRef("pk"), pk__in=access.group_ids).order_by("name")
    people = access.people().annotate(through_groups=ArraySubquery(groups.values("name")))
    if search:
        people = people.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return people.order_by("name", "email")


def viewer(user: User, document: Document) -> Viewer:
    """The reasons of one of `people_who_see`; no query, if the document's collection is at hand."""
    holder = document.audience_holder
    through = f", through the collection “{holder}”" if isinstance(holder, Collection) else ""
    groups: list[str] = getattr(user, "through_groups", [])
    reasons = [f"Everyone may see it{through}"] if holder.for_everyone else []
    reasons += [f"In the group “{name}”{through}" for name in groups]
    return Viewer(user, (*reasons, "Owns it") if user.pk == document.owner_id else tuple(reasons))


def administrators_outside(document: Document) -> QuerySet[User]:
    """Active people who administer documents, this one too, but are not in its audience: they can't read it."""
    administrators = EmailBackend().with_perm(PERMISSION)
    return administrators.exclude(pk__in=Access.to(document).people().values("pk")).order_by("name", "email")
