"""Stage: what kind of question it is, and so which tier of models answers it."""

from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.conversations.reask import is_reask
from chat.pipeline.caller import caller_for
from chat.pipeline.values import Asked
from governance.access.models import User
from governance.gateway.money.services import degraded
from governance.gateway.routing.services import Route
from governance.gateway.routing.services import route as route_question

UNROUTED = Route("fast", kind="", department="", reason="")
"""Of a question that did not come so far."""


async def route(question: str, asked: Asked) -> Route:
    """Off the event loop: the classifier embeds the question."""
    return await in_thread(_route, question, asked)


def _route(question: str, asked: Asked) -> Route:
    caller = caller_for(asked)
    return route_question(
        question=question,
        caller_group_ids=asked.audience.group_ids,
        forced_strong=_was_bad_before(asked),
        degraded=degraded(caller),
    )


def _was_bad_before(asked: Asked) -> bool:
    if asked.is_first:
        return False
    message = Message.objects.filter(pk=asked.request_id).only("conversation_id", "parent_id").first()
    if message is None or message.parent_id is None:
        return False
    user = User.objects.get(pk=asked.user_id)
    return is_reask(user=user, conversation_id=message.conversation_id, question=asked.question)
