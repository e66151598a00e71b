"""What a person thought of an answer, over HTTP."""

from typing import Literal
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from chat.feedback.thumbs import held_answer, own_answer
from governance.access.auth import caller_of
from governance.feedback.models import MAX_COMMENT_CHARS
from governance.feedback.services import rate, take_back

router = Router(tags=["feedback"])

Rating = Literal["up", "down"]
Reason = Literal["wrong", "outdated", "missing_source", "not_my_question", "too_long", "unsafe"]


class FeedbackIn(Schema):
    request_id: UUID = Field(description="Of one of your own answers.")
    rating: Rating | None = Field(description="null takes the feedback back.")
    reason: Reason | None = Field(default=None, description="What is wrong; only with `down`.")
    comment: str = Field(default="", max_length=MAX_COMMENT_CHARS)


class FeedbackOut(Schema):
    request_id: UUID
    rating: Rating | None
    reason: Reason | None
    comment: str


@router.post("", response=FeedbackOut, summary="Rate an answer")
def give_feedback(request: HttpRequest, body: FeedbackIn) -> FeedbackOut:
    """One rating per person and answer; sent again, it changes."""
    user = caller_of(request)
    with transaction.atomic():
        held_answer(user, body.request_id)
        if body.rating is None:
            take_back(user=user, request_id=body.request_id)
            return FeedbackOut(request_id=body.request_id, rating=None, reason=None, comment="")
        rate(user=user, request_id=body.request_id, rating=body.rating, reason=body.reason or "", comment=body.comment)
    return FeedbackOut(request_id=body.request_id, rating=body.rating, reason=body.reason, comment=body.comment)


@router.delete("/{uuid:request_id}", response={204: None}, summary="Take a rating back")
def take_feedback_back(request: HttpRequest, request_id: UUID) -> Status[None]:
    user = caller_of(request)
    own_answer(user, request_id)
    take_back(user=user, request_id=request_id)
    return Status(204, None)
