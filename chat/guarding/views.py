""" "This was wrong", under an answer that a guard filtered."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from askacme.lib.errors import Conflict, InvalidInput, NotFound
from chat.conversations.views import person_of
from chat.guarding.seen import filtered
from chat.guarding.services import contest_answer


@login_required
@require_POST
def wrongly_filtered(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """A press of the button, with or without a comment; a page without scripts goes back to the answer."""
    try:
        message, review = contest_answer(
            user=person_of(request), request_id=request_id, comment=request.POST.get("comment", "")
        )
    except NotFound:
        raise Http404 from None
    except (Conflict, InvalidInput) as error:
        return HttpResponseBadRequest(str(error))
    if not request.headers.get("HX-Request"):
        return redirect(f"{message.conversation.get_absolute_url()}#answer-{message.pk}")
    context = {"filtered": filtered(message, review), "is_news": True}
    return render(request, "components/filtered.html", context)
