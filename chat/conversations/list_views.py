"""The list beside the chat: searched, gone back in, and each conversation's menu."""

from datetime import datetime
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from askacme.lib.errors import InvalidInput, NotFound
from askacme.lib.threads import in_thread
from chat.conversations import services
from chat.conversations.models import Conversation
from chat.conversations.removal import weight_of
from chat.conversations.search import is_for_hidden, search
from chat.conversations.sidebar import sidebar_of
from chat.conversations.views import as_person, chat_page, person_of, uuid_in
from governance.access.models import User

LIST = "components/conversation_list.html"


@login_required
@require_safe
def search_conversations(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "")
    user = person_of(request)
    found = search(user, text)
    context = {"text": text.strip(), "found": found, "is_for_hidden": not found and is_for_hidden(user, text)}
    if request.headers.get("HX-Request"):
        return render(request, "components/search_results.html", context | {"is_news": True})
    return chat_page(request, Conversation(id=uuid4()), [], **context)


@login_required
@require_safe
def older_conversations(request: HttpRequest) -> HttpResponse:
    """What follows in the list, without the heading it goes on under."""
    before = moment_in(request.GET.get("before", ""))
    if before is None:
        return HttpResponseBadRequest("before: write a date and time.")
    groups = sidebar_of(person_of(request), before=before)
    context = {"groups": groups, "continues": request.GET.get("after", ""), "current_id": open_id(request)}
    return render(request, f"{LIST}#older", context)


@login_required
@require_safe
def conversation_menu(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    return render(request, "components/conversation_menu.html", {"conversation": listed(request, conversation_id)})


@login_required
def rename_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The row as a form; what was typed into it; `cancel` gives the row back."""
    conversation = listed(request, conversation_id)
    context: dict[str, object] = {"conversation": conversation, "current_id": open_id(request)}
    if request.method == "POST":
        title = request.POST.get("title", "")
        try:
            renamed = services.rename(user=person_of(request), conversation_id=conversation_id, title=title)
        except InvalidInput as error:
            context |= {"typed": title, "error": str(error)}
        else:
            return changed(request, f"{LIST}#renamed", context | {"conversation": renamed, "news_id": renamed.pk})
    if "cancel" in request.GET:
        return render(request, f"{LIST}#row", context | {"news_id": conversation_id})
    context.setdefault("typed", services.title_to_edit(conversation))
    return render(request, f"{LIST}#form", context | {"max_chars": services.MAX_TITLE_CHARS})


@login_required
@require_POST
def pin_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    user, notice = person_of(request), ""
    try:
        services.pin(user=user, conversation_id=conversation_id, is_pinned=bool(request.POST.get("pinned")))
    except NotFound as error:
        raise Http404 from error
    except InvalidInput as error:
        notice = str(error)
    return changed(request, LIST, list_context(request, user) | {"news_id": conversation_id, "notice": notice})


@login_required
async def delete_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The dialog that says what will be gone; by POST it goes."""
    user = as_person(await request.auser())
    if request.method != "POST":
        return await in_thread(delete_dialog, request, user, conversation_id)
    try:
        await services.delete(user=user, conversation_id=conversation_id)
    except NotFound as error:
        raise Http404 from error
    if not request.headers.get("HX-Request"):
        return redirect("new_chat")
    if open_id(request) == conversation_id:
        return HttpResponseClientRedirect("/")
    response = await in_thread(lambda: render(request, LIST, list_context(request, user)))
    return trigger_client_event(response, "done")


def delete_dialog(request: HttpRequest, user: User, conversation_id: UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(user).listed(), pk=conversation_id)
    return render(request, "components/delete_dialog.html", {"conversation": found, "weight": weight_of(found)})


def changed(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """The list, or its part, for htmx; without it the page that shows the change."""
    return render(request, template, context) if request.headers.get("HX-Request") else redirect("new_chat")


def list_context(request: HttpRequest, user: User) -> dict[str, object]:
    return {"groups": sidebar_of(user), "current_id": open_id(request)}


def listed(request: HttpRequest, conversation_id: UUID) -> Conversation:
    return get_object_or_404(Conversation.objects.visible_to(person_of(request)).listed(), pk=conversation_id)


def open_id(request: HttpRequest) -> UUID | None:
    """Which conversation the page shows that sent this request; htmx tells its address."""
    parts = request.headers.get("HX-Current-URL", "").split("/c/", 1)[1:]
    return uuid_in(parts[0].split("/", 1)[0]) if parts else None


def moment_in(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None
