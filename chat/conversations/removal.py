"""
What goes with a conversation that is deleted, beyond what the database takes along by itself.

Messages, citations, shares and handed-over questions hang on the conversation. Feedback and tool uses only know an
answer's number. So do model calls and the audit record, and stay: what was asked and answered is on that record, also
when the answer is still being made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from redis.exceptions import RedisError

from askacme.lib.redis import client
from askacme.lib.threads import in_thread
from chat.conversations.models import Citation, Conversation, Message
from chat.escalation.models import Escalation
from chat.runs.keeper import end
from chat.runs.services import tell_conversation
from chat.runs.ship import stream_key
from chat.tools.models import ToolUse
from governance.feedback.models import Feedback
from governance.guardrails.pii.vault import forget

DELETED = "The conversation was deleted while this was being answered."


@dataclass(frozen=True, slots=True)
class Removed:
    """What was deleted: enough to tell those who look at it."""

    conversation_id: UUID
    request_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """How much goes with a conversation, for the person to know before."""

    questions: int
    sources: int
    shares: int
    ratings: int
    handed_over: int
    replies: int


def weight_of(conversation: Conversation) -> Weight:
    request_ids = Message.objects.filter(conversation=conversation).values("pk")
    escalations = Escalation.objects.filter(message__in=request_ids)
    return Weight(
        questions=request_ids.count(),
        sources=Citation.objects.filter(message__in=request_ids).count(),
        shares=conversation.shares.count(),
        ratings=Feedback.objects.filter(request_id__in=request_ids).count(),
        handed_over=escalations.unfinished().count(),
        replies=escalations.filter(state=Escalation.State.ANSWERED).count(),
    )


def remove(conversation: Conversation) -> Removed:
    """
    Delete it with all that was said in it; inside the caller's transaction.

    Of what was changed in other systems the record stays (who, where, what), without what those systems answered.
    """
    conversation_id = conversation.pk  # a deleted row forgets it
    answers = list(Message.objects.filter(conversation=conversation).select_for_update())  # who rates one is waited for
    request_ids = tuple(answer.pk for answer in answers)
    for answer in answers:
        if answer.state == Message.State.RUNNING:
            end(answer, DELETED)  # nobody is left to do it: whoever makes it finds it gone
    Feedback.objects.filter(request_id__in=request_ids).delete()
    uses = ToolUse.objects.filter(request_id__in=request_ids)
    made = uses.filter(changes_something=True, started_at__isnull=False)
    uses.exclude(pk__in=made.values("pk")).delete()
    made.update(result="", outcome="")
    conversation.delete()
    return Removed(conversation_id, request_ids)


async def tell(removed: Iterable[Removed]) -> None:
    """
    Close what still shows them: the open tabs, the answers' events, and the values behind placeholders.

    An answer that is being made notices within seconds that it is gone; what it told last expires within the hour.
    """
    for gone in removed:
        await tell_conversation(gone.conversation_id, {"type": "conversation.deleted"})
        await forget_events(gone.request_ids)
        await in_thread(forget, map(str, (gone.conversation_id, *gone.request_ids)))


async def forget_events(request_ids: Iterable[UUID]) -> None:
    keys = [stream_key(request_id) for request_id in request_ids]
    try:
        if keys:
            await client().delete(*keys)
    except RedisError:
        return  # they expire by themselves
