"""What people do with their feedback. Whose answer it is, the caller has checked."""

from uuid import UUID

from django.db import transaction

from askacme.lib.errors import InvalidInput
from governance.access.models import User
from governance.audit.services import record
from governance.feedback.models import MAX_COMMENT_CHARS, Feedback
from governance.guardrails.pii import shortened
from governance.guardrails.pii.vault import hide_of


def rate(*, user: User, request_id: UUID, rating: str, reason: str = "", comment: str = "") -> Feedback:
    """
    One row per person and answer: the last word counts. Safe to repeat, also at the same time.

    Personal data in the comment is hidden; `request_id` is the scope of its placeholders.
    Raises InvalidInput and GuardUnavailable.
    """
    refuse_unknown(rating, reason, comment)
    comment = shortened(hide_of(user, comment, scope=str(request_id)), MAX_COMMENT_CHARS)
    with transaction.atomic():
        feedback, is_new = Feedback.objects.select_for_update().get_or_create(
            request_id=request_id, user=user, defaults={"rating": rating, "reason": reason, "comment": comment}
        )
        before = {} if is_new else words_of(feedback)
        is_same = (feedback.rating, feedback.reason, feedback.comment) == (rating, reason, comment)
        if not is_new and not is_same:
            feedback.rating, feedback.reason, feedback.comment = rating, reason, comment
            feedback.save(update_fields=["rating", "reason", "comment", "updated_at"])
        if is_new or not is_same:
            after = words_of(feedback)
            record(actor=user, action="feedback.rate", target=str(request_id), before=before, after=after)
    return feedback


def take_back(*, user: User, request_id: UUID) -> None:
    """As if it had never been given. Safe to repeat."""
    with transaction.atomic():
        given = Feedback.objects.select_for_update().filter(request_id=request_id, user=user).first()
        if given:
            record(actor=user, action="feedback.take_back", target=str(request_id), before=words_of(given))
            given.delete()


def words_of(feedback: Feedback) -> dict[str, object]:
    """As the audit record keeps it: what the person wrote is theirs, and told by its length."""
    return {"rating": feedback.rating, "reason": feedback.reason, "comment_chars": len(feedback.comment)}


def refuse_unknown(rating: str, reason: str, comment: str) -> None:
    if rating not in Feedback.Rating.values:
        raise InvalidInput(f"rating: write one of {', '.join(Feedback.Rating.values)}.")
    if reason and (rating != Feedback.Rating.DOWN or reason not in Feedback.Reason.values):
        raise InvalidInput(f"reason: only with rating down, one of {', '.join(Feedback.Reason.values)}.")
    if len(comment) > MAX_COMMENT_CHARS or "\x00" in comment:
        raise InvalidInput(f"comment: at most {MAX_COMMENT_CHARS:,} characters.")
