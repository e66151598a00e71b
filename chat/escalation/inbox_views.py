"""The inbox's pages. Links and plain forms: they work wherever a browser does."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from askacme.lib.errors import AskAcmeError, Conflict, InvalidInput, NotFound
from chat.conversations.views import person_of
from chat.escalation import services
from chat.escalation.inbox import FIRST_SHELF, SHELVES, conversation_of, link_of, on_shelf, shelves_of
from chat.escalation.models import MAX_NOTE_CHARS, MAX_REPLY_CHARS, Escalation
from governance.access.models import User

STOP_POLLING = 286

ACTS: dict[str, Callable[[User, UUID, str], Escalation]] = {
    "claim": lambda user, pk, _text: services.claim(user=user, escalation_id=pk),
    "take-over": lambda user, pk, _text: services.claim(user=user, escalation_id=pk, take_over=True),
    "release": lambda user, pk, _text: services.release(user=user, escalation_id=pk),
    "reply": lambda user, pk, text: services.reply(user=user, escalation_id=pk, text=text),
    "decline": lambda user, pk, text: services.decline(user=user, escalation_id=pk, reason=text),
}


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    shown = request.GET.get("show", FIRST_SHELF)
    if shown not in SHELVES:
        raise Http404
    context = {"shelves": shelves_of(user), "shown": shown, "questions": on_shelf(user, shown)}
    return render(request, "chat/inbox.html", context)


@login_required
@require_safe
def question(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    return question_page(request, escalation_id)


@login_required
@require_POST
def act(request: HttpRequest, escalation_id: UUID, what: str) -> HttpResponse:
    """One of ACTS. What somebody else did first is told, and nothing that was typed is lost."""
    if what not in ACTS:
        raise Http404
    text = request.POST.get("text", "")
    try:
        done = ACTS[what](person_of(request), escalation_id, text)
    except NotFound:
        return render(request, "chat/inbox_gone.html", {"typed": text}, status=404)
    except (Conflict, InvalidInput) as error:
        return question_page(request, escalation_id, error=error, typed={what: text})
    if text and done.is_open:  # a reply that was begun before the other button was pressed
        return question_page(request, escalation_id, typed={"reply": text})
    return redirect(done)


@require_safe
def inbox_link(request: HttpRequest) -> HttpResponse:
    """
    The entry of the user menu, asked for again and again.

    A page that outlives its session stops asking, and so does that of the many who have no inbox.
    """
    link = link_of(person_of(request)) if request.user.is_authenticated else None
    if link is None or not link.is_shown:
        return HttpResponse(status=STOP_POLLING)
    return render(request, "components/inbox_link.html#link", {"link": link})


def question_page(
    request: HttpRequest, escalation_id: UUID, *, error: AskAcmeError | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    user = person_of(request)
    found = Escalation.objects.received_by(user).with_people().select_related("message__conversation__user")
    escalation = found.filter(pk=escalation_id).first()
    if escalation is None:
        raise Http404
    context = {
        "escalation": escalation,
        "is_mine": escalation.claimed_by == user,
        "turns": conversation_of(escalation, user),
        "error": error,
        "typed": typed or {},
        "max_reply_chars": MAX_REPLY_CHARS,
        "max_reason_chars": MAX_NOTE_CHARS,
    }
    return render(request, "chat/inbox_question.html", context, status=error.http_status if error else 200)
