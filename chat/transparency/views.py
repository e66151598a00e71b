"""The notice at first use, and the page about what is really configured."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from chat.conversations.views import person_of
from chat.transparency.about import about_for
from chat.transparency.services import NOTICE, acknowledge, has_acknowledged


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest) -> HttpResponse:
    """What AskAcme is; by POST, that the person has read it, and back to where they were."""
    user = person_of(request)
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    onward = wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else "/"
    if request.method == "POST":
        acknowledge(user=user, version=NOTICE)
        if request.headers.get("HX-Request"):  # a temporary chat, or an answer that comes in, goes on
            return render(request, "components/notice_card.html#acknowledged")
        return redirect(onward)
    context = {"about": about_for(user), "next": onward, "is_known": has_acknowledged(user)}
    return render(request, "chat/notice.html", context)


@login_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "chat/about.html", {"about": about_for(person_of(request))})


@login_required
@require_safe
def about_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse(about_for(person_of(request)).as_json(), json_dumps_params={"indent": 2})
