"""Questions of clients that keep the conversation themselves: each is asked in a temporary one of its own."""

import re
from collections.abc import Sequence
from functools import partial
from uuid import uuid4

from django.utils import timezone

from chat.conversations.models import Conversation, Message
from chat.guarding.earlier import CLIENT
from chat.pipeline.cite import MARK
from chat.pipeline.screen import is_visible, screen
from chat.runs.services import begin
from chat.runs.take_in import AFTER_THE_LAST, Place
from governance.access.models import User
from governance.guardrails.pii.vault import hide_of

MOST_EARLIER = 10
MOST_CHARS = 8_000
"""
Turns that are kept of what the client sends along, and how much of each: more than a model is told of. The guards read
all of it.
"""

MARKS = re.compile(r"\s?" + MARK.pattern)
"""An answer that comes back is told on without them: their sources stayed with the conversation it was given in."""

Said = tuple[str, str]
"""A question and its answer."""


async def ask_in_passing(*, user: User, question: str, earlier: Sequence[Said] = ()) -> Message:
    """
    Ask as `runs.services.ask` does, after these earlier turns, in a conversation that is in no list.

    The turns stand in it as if they had been asked here, so that another process can take the answer over. It is gone
    within two hours, and until then the sources' links lead somewhere.
    Raises as `ask` does; nothing is kept of a question that is refused.
    """
    before = partial(write, earlier[-MOST_EARLIER:]) if earlier else None
    return await begin(
        user=user, question=screen(question), place=Place(uuid4(), AFTER_THE_LAST, is_temporary=True, before=before)
    )


def write(earlier: Sequence[Said], conversation: Conversation) -> Message:
    """
    The turns, at least one, at the beginning of the conversation; gives the last.

    Without personal data, as the questions that are asked here. Raises GuardUnavailable.
    """
    last: Message | None = None
    hidden = partial(hide_of, conversation.user, scope=str(conversation.pk))
    for question, answer in earlier:
        last = Message.objects.create(
            conversation=conversation,
            parent=last,
            question=hidden(cleaned(question)),
            answer=hidden(cleaned(MARKS.sub("", answer))) or "…",
            state=Message.State.DONE,
            status=Message.Status.SUCCESS,
            model=CLIENT,
            finished_at=timezone.now(),
        )
    if last is None:
        raise ValueError("There is no turn to write.")
    return last


def cleaned(text: str) -> str:
    """Without what a database can't take; what the client says was said isn't screened otherwise."""
    return "".join(filter(is_visible, text[:MOST_CHARS])).strip()
