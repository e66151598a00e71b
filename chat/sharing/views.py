"""The dialog to share a conversation, and the page that a colleague reads."""

from contextlib import suppress
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from askacme.lib.errors import Conflict, InvalidInput, NotFound
from chat.conversations.models import Conversation
from chat.conversations.views import person_of, uuid_in
from chat.sharing import services
from chat.sharing.models import Share
from chat.sharing.seen import seen_by

DIALOG = "components/share_dialog.html"


@login_required
def share_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The dialog; by POST with one colleague more."""
    user = person_of(request)
    found = get_object_or_404(Conversation.objects.visible_to(user).listed(), pk=conversation_id)
    context: dict[str, object] = {"conversation": found}
    if request.method == "POST":
        email, seen_to = request.POST.get("email", ""), uuid_in(request.POST.get("seen_to"))
        try:
            given = services.share(user=user, conversation_id=conversation_id, email=email, seen_to=seen_to)
            context["given"] = given
        except (Conflict, InvalidInput) as error:
            context |= {"error": str(error), "typed": email}
    return dialog(request, context)


@login_required
@require_POST
def end_share(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """By the one who shared it, in the dialog; or by the one who reads it, on its page."""
    user = person_of(request)
    try:
        ended = services.end(user=user, share_id=share_id)
    except NotFound as error:
        raise Http404 from error
    if ended.shared_with_id == user.pk:
        return redirect("new_chat")
    return dialog(request, {"conversation": ended.conversation, "ended": ended})


@login_required
@require_safe
def colleagues(request: HttpRequest) -> HttpResponse:
    people = services.suggested_colleagues(person_of(request), request.GET.get("email", ""))
    return render(request, f"{DIALOG}#colleagues", {"people": people})


@login_required
@require_safe
def shared(request: HttpRequest, share_id: UUID) -> HttpResponse:
    user = person_of(request)
    given = get_object_or_404(Share.objects.visible_to(user).select_related("conversation", "shared_by"), pk=share_id)
    return render(request, "chat/shared.html", {"share": given, "turns": seen_by(user, given)})


def dialog(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    conversation = context["conversation"]
    assert isinstance(conversation, Conversation)  # noqa: S101  (narrows the type)
    shares = conversation.shares.select_related("shared_with", "last")
    with suppress(InvalidInput):  # nothing to share yet: said when it is tried
        context["seen_to"] = services.last_finished(conversation).pk
    return render(request, DIALOG, context | {"shares": shares})
