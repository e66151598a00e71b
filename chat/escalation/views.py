"""Asking a person, from below an answer; and what the person who asked does with it later."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from askacme.lib.errors import AskAcmeError, Conflict, NotFound
from chat.conversations.models import Message
from chat.conversations.turns import turn_of
from chat.conversations.views import person_of
from chat.escalation import services
from chat.escalation.models import Escalation
from chat.escalation.offer import Offer, offer_for
from chat.escalation.recipients import chosen
from chat.feedback.thumbs import own_answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_person(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """What is offered; with `confirm` who would see what; posted, the question is handed over."""
    user, message = person_of(request), own_answer(person_of(request), request_id)
    if request.method != "POST":
        place = request.GET.get("confirm")
        offer = offer_for(user, message, is_confirming=place is not None, preferred=place or "")
        return below(request, message, offer)
    note = request.POST.get("note", "")
    try:
        to = chosen(user, message, request.POST.get("to", ""))
        services.escalate(user=user, request_id=request_id, to=to, note=note)
    except AskAcmeError as error:
        return below(request, message, offer_for(user, message, is_confirming=True, note=note, error=str(error)))
    return below(request, message)


@login_required
@require_POST
def withdraw(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    user = person_of(request)
    try:
        message = services.withdraw(user=user, escalation_id=escalation_id).message
    except NotFound as error:
        raise Http404 from error
    except Conflict:  # it was answered meanwhile: the answer is shown
        message = Escalation.objects.visible_to(user).get(pk=escalation_id).message
    return below(request, message)


@login_required
@require_POST
def seen(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    try:
        services.mark_seen(user=person_of(request), escalation_id=escalation_id)
    except NotFound as error:
        raise Http404 from error
    return HttpResponse(status=204)


def below(request: HttpRequest, message: Message, offer: Offer | None = None) -> HttpResponse:
    """The part below an answer, for htmx; without it the page around it."""
    if not request.headers.get("HX-Request"):
        return redirect(f"{message.conversation.get_absolute_url()}#turn-{message.pk}")
    context = {
        "turn": turn_of(message.pk, person_of(request)),
        "offer": offer,
        "is_news": request.method == "POST",
        "is_back": "back" in request.GET,
    }
    return render(request, "components/escalation.html", context)
