"""Saying that an answer was filtered wrongly."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from askacme.lib.errors import Conflict, NotFound
from chat.conversations.models import Message
from chat.guarding.told import decisive_in, policy_in
from governance.access.models import User
from governance.guardrails.reviews.models import GuardReview
from governance.guardrails.reviews.services import contest


def contest_answer(*, user: User, request_id: UUID, comment: str = "") -> tuple[Message, GuardReview]:
    """
    "This was wrong", about one's own answer. Safe to repeat.

    Raises NotFound for somebody else's, Conflict where nothing was filtered, and InvalidInput.
    """
    with transaction.atomic():  # an answer that is deleted meanwhile leaves no review behind
        mine = Message.objects.visible_to(user).select_related("conversation")
        message = mine.select_for_update(of=("self",), no_key=True).filter(pk=request_id).first()
        if message is None:
            raise NotFound(_("There is no such answer."))
        verdict = decisive_in(message.stages)
        if verdict is None:
            raise Conflict(_("Nothing was filtered here."))
        review = contest(
            user=user,
            request_id=request_id,
            verdict=verdict,
            policy=policy_in(message.stages),
            question=message.question,
            comment=comment,
        )
    return message, review
