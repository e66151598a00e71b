"""Looking through other people's eyes: the search bench's audiences. Each look is on the audit record."""

from collections.abc import Iterable

from django.contrib.auth.models import Group

from askacme.lib.errors import NotAllowed
from governance.access.audience import Audience
from governance.access.models import User
from governance.audit.services import record

PERMISSION = "knowledge.change_document"


def audience_of_user(user: User, *, actor: User) -> Audience:
    """What this person may see. Raises NotAllowed for an actor who doesn't administer documents."""
    must_administer(actor)
    record(actor=actor, action="search.view_as", target=user.email)
    return Audience.of(user)


def audience_of_groups(groups: Iterable[Group], *, actor: User) -> Audience:
    """
    What somebody may see who is in these groups and owns nothing; in none, it is what everyone may see.

    Raises NotAllowed for an actor who doesn't administer documents.
    """
    must_administer(actor)
    chosen = sorted(groups, key=lambda group: group.pk)
    names = ", ".join(group.name for group in chosen)
    record(actor=actor, action="search.view_as", target=names or "Everyone")
    return Audience(None, tuple(group.pk for group in chosen))


def must_administer(actor: User) -> None:
    if not actor.has_perm(PERMISSION):
        raise NotAllowed("Only people who administer documents may look through others' eyes.")
