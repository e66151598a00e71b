"""The console's search bench: what a search finds, for whom, and why."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from askacme.lib.errors import ModelUnavailable
from governance.access.audience import Audience
from governance.access.console import actor_of
from governance.access.models import User
from knowledge.audience.view_as import PERMISSION
from knowledge.search.bench import beside, look
from knowledge.search.forms import MYSELF, BenchForm

VIEW_PERMISSION = "knowledge.view_document"
MOST_PEOPLE = 10


@require_safe
def search_bench(request: HttpRequest) -> HttpResponse:
    """A plain GET form: an address is a search that can be passed on, and it works without JavaScript."""
    actor = actor_of(request)
    if not actor.has_perm(VIEW_PERMISSION):
        raise PermissionDenied
    given = request.GET.copy()
    given.setdefault("who", MYSELF)
    form = BenchForm(given if "q" in given else None, may_view_as=actor.has_perm(PERMISSION))
    asked = form.is_valid() and form.cleaned_data["q"]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Search bench",
        "form": form,
        "media": form.media,
        "can_edit_synonyms": actor.has_perm("knowledge.view_synonym"),
        **(found(form, actor) if asked else {}),
    }
    return TemplateResponse(request, "admin/search/bench.html", context)


def found(form: BenchForm, actor: User) -> dict[str, Any]:
    """The looks to show side by side: into the live index, and into the one it is compared with."""
    query, other = form.cleaned_data["q"], form.cleaned_data.get("beside")
    audience, reader = form.audience(actor), Audience.of(actor)
    try:
        looks = [look(query, audience=audience, reader=reader)]
        if other:
            second = look(query, audience=audience, reader=reader, index=other)
            looks = [beside(looks[0], second), beside(second, looks[0])]
    except ModelUnavailable as error:
        return {"problem": str(error)}
    return {"query": query, "looks": looks, "is_other": audience != reader}


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Addresses to choose from while one is typed."""
    if not actor_of(request).has_perms([PERMISSION, "governance.view_user"]):
        raise PermissionDenied
    begun = request.GET.get("person", "").replace("\x00", "").strip()
    active = User.objects.filter(is_active=True).order_by("email")
    named = active.filter(Q(email__icontains=begun) | Q(name__icontains=begun)) if begun else active.none()
    return render(request, "admin/search/people.html", {"people": named[:MOST_PEOPLE]})


def bench_url(query: str) -> str:
    return f"{reverse('admin:knowledge_search_bench')}?{urlencode({'q': query})}"
