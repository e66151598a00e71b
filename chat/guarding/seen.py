"""A filtered answer as the person who asked sees it: why, a way to say that it was wrong, and what became of that."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from chat.conversations.models import Message
from chat.guarding.told import decisive_in
from chat.guarding.words import notice
from governance.access.models import User
from governance.guardrails.reviews.models import MAX_COMMENT_CHARS, GuardReview
from governance.guardrails.values import GuardVerdict


@dataclass(frozen=True, slots=True)
class Filtered:
    """`notice` is empty where nothing is to be said; `review` None until the person has said that it was wrong."""

    request_id: UUID
    verdict: GuardVerdict
    review: GuardReview | None = None
    max_comment_chars: int = MAX_COMMENT_CHARS

    @property
    def notice(self) -> str:
        return notice(self.verdict)


def filtered(message: Message, review: GuardReview | None = None) -> Filtered | None:
    verdict = decisive_in(message.stages)
    return Filtered(message.pk, verdict, review) if verdict and notice(verdict) else None


def reviews_of(user: User, messages: Iterable[Message]) -> dict[UUID, GuardReview]:
    """The person's own, by answer; no query for answers that nothing was found in."""
    found = [message.pk for message in messages if decisive_in(message.stages)]
    if not found:
        return {}
    return {review.request_id: review for review in GuardReview.objects.visible_to(user).filter(request_id__in=found)}
