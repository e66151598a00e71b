""" "This was wrong", over HTTP."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from chat.guarding.services import contest_answer
from governance.access.auth import caller_of
from governance.guardrails.reviews.models import MAX_COMMENT_CHARS, GuardReview

router = Router(tags=["chat"])

Outcome = Literal["upheld", "overturned"]


class ReviewIn(Schema):
    comment: str = Field(default="", max_length=MAX_COMMENT_CHARS, description="Why it was wrong, if you like.")


class ReviewOut(Schema):
    """`outcome` is null until somebody has decided; `note` is what they wrote to you."""

    request_id: UUID
    guard: str
    code: str
    comment: str
    created_at: datetime
    outcome: Outcome | None
    note: str
    decided_at: datetime | None


@router.post("/{uuid:request_id}/review", response={201: ReviewOut}, summary="Say that a filter was wrong")
def ask_for_review(request: HttpRequest, request_id: UUID, body: ReviewIn) -> Status[ReviewOut]:
    """
    For one of your own answers with a `filter`: somebody reads the question and decides.

    Sent again it stays one review; a comment may still be changed until it is decided. 409 where nothing was filtered.
    """
    _, review = contest_answer(user=caller_of(request), request_id=request_id, comment=body.comment)
    return Status(201, out(review))


@router.get("/{uuid:request_id}/review", response=ReviewOut, summary="What became of a review")
def get_review(request: HttpRequest, request_id: UUID) -> ReviewOut:
    mine = GuardReview.objects.visible_to(caller_of(request))
    return out(get_object_or_404(mine, request_id=request_id))


def out(review: GuardReview) -> ReviewOut:
    return ReviewOut.model_validate(
        {
            "request_id": review.request_id,
            "guard": review.guard,
            "code": review.code,
            "comment": review.comment,
            "created_at": review.created_at,
            "outcome": review.outcome or None,
            "note": review.note,
            "decided_at": review.decided_at,
        }
    )
