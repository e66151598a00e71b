"""Whether a person asks once more what the turn before was asked: a sign, without a thumb, that it went wrong."""

from uuid import UUID

from askacme.lib.errors import ModelUnavailable
from chat.conversations.models import Message
from chat.conversations.reask import resembles
from chat.followups.leaning import is_complaint


def asks_again(request_id: UUID) -> bool:
    """
    It asks the same in other words, or says that the answer was wrong.

    No, where nobody can tell: when there is no embedding model. A turn that failed is asked again for that reason.
    """
    message = Message.objects.filter(pk=request_id, parent__state=Message.State.DONE).select_related("parent").first()
    if message is None or message.parent is None:
        return False
    try:
        return is_complaint(message.question) or resembles(message.question, message.parent.question)
    except ModelUnavailable:
        return False
