"""The inbox: questions that others handed over to a person or to a group of theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chat.conversations.disclosed import Disclosed, disclosed_to
from chat.escalation.models import Escalation, EscalationQuerySet, inbox_group
from governance.access.models import User

SHOWN = 100
State = Escalation.State

WAITING = Q(pk__in=Escalation.objects.waiting().values("pk"))

SHELVES: dict[str, tuple[object, Callable[[User], Q]]] = {
    "open": (_("Open"), lambda user: WAITING),
    "mine": (_("Mine"), lambda user: Q(state=State.CLAIMED, claimed_by=user)),
    "colleagues": (_("With colleagues"), lambda user: Q(state=State.CLAIMED) & ~WAITING & ~Q(claimed_by=user)),
    "answered": (_("Answered"), lambda user: Q(state=State.ANSWERED)),
    "declined": (_("Declined"), lambda user: Q(state=State.CLOSED)),
}
"""By name: the title, and what lies on it."""
FIRST_SHELF = "open"


@dataclass(frozen=True, slots=True)
class Shelf:
    """`count` is None where nothing waits to be done."""

    name: str
    title: object
    count: int | None

    @property
    def url(self) -> str:
        return f"{reverse('inbox')}?show={self.name}"


def shelves_of(user: User) -> list[Shelf]:
    received, waits = Escalation.objects.received_by(user), {"open", "mine", "colleagues"}
    return [
        Shelf(name, title, received.filter(lies_on(user)).count() if name in waits else None)
        for name, (title, lies_on) in SHELVES.items()
    ]


def on_shelf(user: User, name: str) -> EscalationQuerySet:
    """What waits: the oldest first. What is over: the newest first."""
    found = Escalation.objects.received_by(user).filter(SHELVES[name][1](user)).with_people()
    in_order = found if name in {"open", "mine", "colleagues"} else found.order_by("-ended_at")
    return in_order.select_related("message__conversation__user")[:SHOWN]


def conversation_of(escalation: Escalation, reader: User) -> list[Disclosed]:
    """What was handed over, oldest first, as this recipient may read it."""
    return disclosed_to(reader, escalation.turns.order_by("created_at"))


@dataclass(frozen=True, slots=True)
class Link:
    """Whether a person has an inbox, and how much in it waits for them."""

    is_shown: bool
    count: int


def link_of(user: User) -> Link:
    received = Escalation.objects.received_by(user)
    count = received.filter(WAITING | Q(state=State.CLAIMED, claimed_by=user)).count()
    return Link(bool(count) or has_an_inbox(user) or received.exists(), count)


def has_an_inbox(user: User) -> bool:
    group = inbox_group()
    mine = user.groups.filter(Q(inboxes__isnull=False) | Q(pk=group.pk if group else None))
    return mine.exists()
