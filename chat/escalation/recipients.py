"""Who may be asked about an answer: the owner of the nearest document, else the group responsible."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.core import signing
from django.utils.translation import gettext

from askacme.lib.errors import InvalidInput
from chat.conversations.models import Message
from chat.escalation.models import inbox_group
from chat.escalation.topics import Topic
from governance.access.models import User

SALT = "chat.escalation.recipient"
OFFER_LASTS_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, or a group whose members share an inbox. `why` says what makes them the ones to ask."""

    name: str
    why: str
    person: User | None = None
    group: Group | None = None

    @property
    def who_sees(self) -> str:
        if self.group is None:
            rest = inbox_group()
            told = gettext("%(person)s; by %(group)s, if they leave")
            return told % {"person": self.name, "group": rest.name} if rest else self.name
        count = self.group.user_set.filter(is_active=True).count()
        return gettext("everyone in %(group)s (%(count)s)") % {"group": self.name, "count": count}

    def offer_to(self, message: Message) -> str:
        """What a page sends back to choose this recipient: nobody else can be put in its place."""
        whom = ["person", self.person.pk] if self.person else ["group", self.group.pk if self.group else 0]
        return signing.dumps([str(message.request_id), *whom], salt=SALT)


def recipients_for(user: User, message: Message, topics: Sequence[Topic]) -> list[Recipient]:
    """Those who may be asked about an answer, the nearest first; nobody is asked to answer themselves."""
    found: list[Recipient] = []
    if topics and topics[0].is_near and (owner := topics[0].owner) and owner.is_active and owner != user:
        why = gettext("looks after “%(document)s”") % {"document": topics[0].title}
        found.append(Recipient(str(owner), why, person=owner))
    group = inbox_group(message.department)
    if group and has_somebody_else(group, user):
        found.append(as_recipient(group))
    return found


def chosen(user: User, message: Message, offer: str) -> Recipient:
    """The recipient behind an offer, as they are now. Raises InvalidInput when they can't be asked any more."""
    try:
        request_id, kind, pk = signing.loads(offer, salt=SALT, max_age=OFFER_LASTS_S)
    except (signing.BadSignature, ValueError):
        raise InvalidInput("This page is too old. Open “Ask a person” once more.") from None
    if request_id != str(message.request_id):
        raise InvalidInput("This page is too old. Open “Ask a person” once more.")
    if kind == "group":
        group = Group.objects.filter(pk=pk).first()
        if group and has_somebody_else(group, user):
            return as_recipient(group)
    person = User.objects.filter(pk=pk, is_active=True).first() if kind == "person" else None
    if person is None or person == user:
        raise InvalidInput("They can't be asked any more. Open “Ask a person” once more.")
    return Recipient(str(person), "", person=person)


def as_recipient(group: Group) -> Recipient:
    return Recipient(group.name, gettext("answers what no document answers"), group=group)


def has_somebody_else(group: Group, user: User) -> bool:
    return group.user_set.filter(is_active=True).exclude(pk=user.pk).exists()
