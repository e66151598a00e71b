"""The card of a proposal: confirmed, declined, or looked at again."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from askacme.lib.errors import NotFound
from askacme.lib.threads import in_thread
from chat.conversations.views import as_person, person_of
from chat.tools import services
from chat.tools.models import ToolUse


@login_required
@require_safe
def card(request: HttpRequest, use_id: UUID) -> HttpResponse:
    """For a card that was left while it was being done, in another tab or by a second click."""
    try:
        return shown(services.of_person(person_of(request), use_id))
    except NotFound as error:
        raise Http404 from error


@login_required
@require_POST
async def confirm(request: HttpRequest, use_id: UUID) -> HttpResponse:
    try:
        use = await services.confirm(user=as_person(await request.auser()), use_id=use_id)
    except NotFound as error:
        raise Http404 from error
    return await in_thread(shown, use)


@login_required
@require_POST
async def decline(request: HttpRequest, use_id: UUID) -> HttpResponse:
    user = as_person(await request.auser())
    try:
        use = await in_thread(services.decline, user=user, use_id=use_id)
    except NotFound as error:
        raise Http404 from error
    return await in_thread(shown, use)


def shown(use: ToolUse) -> HttpResponse:
    return HttpResponse(render_to_string("components/tool_card.html", {"use": use, "is_news": True}))
