"""What a person is offered below an answer: topics to read on, somebody to ask, and what these will see."""

import logging
from dataclasses import dataclass, field

from django.conf import settings

from askacme.lib.errors import ModelUnavailable, RateLimited
from chat.conversations.branches import turns_up_to
from chat.conversations.models import Message
from chat.escalation.recipients import Recipient, recipients_for
from chat.escalation.topics import Topic, topics_near
from governance.access.models import User

logger = logging.getLogger(__name__)

PLACES = {"1", "2"}
"""Of the choices: a person, a group."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of those who may be asked; `value` is what the form sends for them."""

    recipient: Recipient
    value: str


@dataclass(frozen=True, slots=True)
class Offer:
    """
    `is_confirming`: the person has chosen to ask, and is told who will see what. `handed_over` is oldest first.

    `preferred` is the number, from 1, of the choice that is taken unless the person takes another.
    """

    topics: list[Topic]
    choices: list[Choice]
    is_confirming: bool = False
    handed_over: list[Message] = field(default_factory=list)
    preferred: int = 1
    note: str = ""
    error: str = ""

    @property
    def contact(self) -> str:
        contact: str = settings.ASKACME.contact
        return contact


def offer_for(
    user: User, message: Message, *, is_confirming: bool, preferred: str = "", note: str = "", error: str = ""
) -> Offer:
    topics = topics_or_none(user, message)
    recipients = [] if message.conversation.is_temporary else recipients_for(user, message, topics)
    return Offer(
        topics=topics if message.status == Message.Status.NO_ANSWER else [],
        choices=[Choice(recipient, recipient.offer_to(message)) for recipient in recipients],
        is_confirming=is_confirming,
        handed_over=turns_up_to(message) if is_confirming else [],
        preferred=int(preferred) if preferred in PLACES else 1,
        note=note,
        error=error,
    )


def topics_or_none(user: User, message: Message) -> list[Topic]:
    try:
        return topics_near(user, message)
    except (ModelUnavailable, RateLimited) as error:
        logger.warning("Request %s: no topics to offer (%s)", message.pk, error)
        return []
