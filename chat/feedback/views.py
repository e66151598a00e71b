"""The thumbs under an answer."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from askacme.lib.errors import InvalidInput
from chat.conversations.views import person_of
from chat.feedback.thumbs import Thumbs, own_answer
from governance.feedback.models import Feedback
from governance.feedback.services import rate, take_back


@login_required
@require_POST
def feedback(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """
    What was pressed: a thumb, a reason (which goes with the thumb down), or Undo (an empty rating).

    The same thumb twice is the same as once, so a double click can't undo what it did.
    """
    user = person_of(request)
    message = own_answer(user, request_id)
    reason = request.POST.get("reason", "")
    rating = Feedback.Rating.DOWN if reason else request.POST.get("rating", "")
    try:
        if rating:
            rate(user=user, request_id=request_id, rating=rating, reason=reason)
        else:
            take_back(user=user, request_id=request_id)
    except InvalidInput as error:
        return HttpResponseBadRequest(str(error))
    if not request.headers.get("HX-Request"):
        return redirect(message.conversation)
    return render(request, "components/feedback.html", {"thumbs": Thumbs(request_id, rating, reason)})
