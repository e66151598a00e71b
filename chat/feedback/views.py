"""The thumbs under an answer, and what people write about it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from askacme.lib.errors import InvalidInput
from chat.conversations.views import person_of
from chat.feedback.thumbs import Thumbs, held_answer
from governance.access.models import User
from governance.feedback.models import Feedback
from governance.feedback.services import rate, take_back


@login_required
@require_POST
def feedback(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """
    What was pressed: a thumb, a reason (it goes with the thumb down), the comment's button, or Undo: no rating.

    The same thumb twice is the same as once, so a double click can't undo what it did. What a press says nothing of
    stays as it is; a comment that is being written goes along with each.
    """
    user = person_of(request)
    try:
        with transaction.atomic():
            message = held_answer(user, request_id)
            thumbs = pressed(thumbs_of(user, request_id), request.POST)
            keep(user, thumbs)
    except InvalidInput as error:
        return HttpResponseBadRequest(str(error))
    if not request.headers.get("HX-Request"):
        return redirect(message.conversation)
    return render(request, "components/feedback.html", {"thumbs": thumbs, "is_news": True})


def keep(user: User, thumbs: Thumbs) -> None:
    pk = thumbs.request_id
    if thumbs.rating:
        rate(user=user, request_id=pk, rating=thumbs.rating, reason=thumbs.reason, comment=thumbs.comment)
    else:
        take_back(user=user, request_id=pk)


def thumbs_of(user: User, request_id: UUID) -> Thumbs:
    given = Feedback.objects.filter(user=user, request_id=request_id).values_list("rating", "reason", "comment")
    return Thumbs(request_id, *(given.first() or ()))


def pressed(before: Thumbs, form: QueryDict) -> Thumbs:
    """The thumbs after a press. Line ends of a comment are one character, as they were typed."""
    reason = form.get("reason", "")
    rating = Feedback.Rating.DOWN if reason else form.get("rating", before.rating)
    if not rating:
        return Thumbs(before.request_id)
    if not reason and rating == before.rating:
        reason = before.reason
    comment = form.get("comment", before.comment).replace("\r\n", "\n").strip()
    return Thumbs(before.request_id, rating, reason, comment)
