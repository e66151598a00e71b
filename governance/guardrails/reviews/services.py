"""What people do about verdicts: say that one was wrong, and decide on that."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.models import User
from governance.audit.services import record
from governance.guardrails.reviews.models import MAX_COMMENT_CHARS, MAX_NOTE_CHARS, GuardReview
from governance.guardrails.values import GuardVerdict


def contest(
    *, user: User, request_id: UUID, verdict: GuardVerdict, policy: str, question: str, comment: str = ""
) -> GuardReview:
    """
    "This was wrong." One row for each answer: safe to repeat, and a later comment replaces an earlier one until
    somebody has decided. Whose answer it is, the caller has checked; `question` is masked.

    Raises InvalidInput.
    """
    comment = comment.replace("\r\n", "\n").strip()
    if len(comment) > MAX_COMMENT_CHARS or "\x00" in comment:
        raise InvalidInput(f"comment: at most {MAX_COMMENT_CHARS:,} characters.")
    with transaction.atomic():
        review, is_new = GuardReview.objects.select_for_update(of=("self",)).get_or_create(
            request_id=request_id,
            user=user,
            defaults={
                "guard": verdict.guard,
                "code": verdict.code,
                "policy": policy,
                "question": question,
                "comment": comment,
            },
        )
        if is_new:
            record(actor=user, action="guard_review.ask", target=str(request_id), code=verdict.code)
        elif comment and not review.outcome and comment != review.comment:
            review.comment = comment
            review.save(update_fields=["comment"])
    return review


def decide(*, actor: User, review: GuardReview, outcome: str, note: str = "") -> GuardReview:
    """
    Whether the guard was right (upheld) or the person (overturned). Decided once.

    Raises InvalidInput and Conflict.
    """
    if outcome not in GuardReview.Outcome.values:
        raise InvalidInput(f"outcome: one of {', '.join(GuardReview.Outcome.values)}.")
    if len(note) > MAX_NOTE_CHARS or "\x00" in note:
        raise InvalidInput(f"note: at most {MAX_NOTE_CHARS} characters.")
    with transaction.atomic():
        decided = GuardReview.objects.open().filter(pk=review.pk)
        if not decided.update(outcome=outcome, note=note.strip(), decided_by=actor, decided_at=timezone.now()):
            raise Conflict("Somebody has decided this already.")
        record(actor=actor, action="guard_review.decide", target=str(review.request_id), outcome=outcome, note=note)
    review.refresh_from_db()
    return review
