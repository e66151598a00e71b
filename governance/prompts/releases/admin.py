"""Releases in the console: what is in force, how a canary does, and the way back."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from askacme.lib.errors import AskAcmeError, InvalidInput
from governance.access.console import ReadOnlyAdmin, actor_of
from governance.access.models import User
from governance.prompts.releases import services
from governance.prompts.releases.figures import figures_of
from governance.prompts.releases.models import Release
from governance.prompts.versions.models import PromptVersion
from governance.prompts.versions.services import RELEASE

LIST = "admin:governance_release_changelist"
PAGE = "admin:governance_release_change"
STATES = {"canary": "info", "full": "success", "taken_back": "danger", "rolled_back": "danger", "replaced": "default"}
ON_A_PAGE = 30

Act = Callable[[Release, User, HttpRequest], object]
ACTS: dict[str, tuple[Act, str]] = {
    "promote": (
        lambda release, who, _: services.promote(release=release, actor=who),
        "{} is in force for everybody.",
    ),
    "roll-back": (
        lambda release, who, _: services.roll_back(release=release, actor=who),
        "{} is rolled back. Every process follows within a second.",
    ),
    "explain": (
        lambda release, who, q: services.explain(release=release, reason=q.POST.get("reason", ""), actor=who),
        "Why {} was rolled back is on record.",
    ),
}


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin[Release]):
    """Django's own forms never touch a release: each page here ends in a service."""

    def get_urls(self) -> list[URLPattern]:
        signed_in = self.admin_site.admin_view
        begin, act = signed_in(require_POST(self.begin)), signed_in(require_POST(self.act))
        return [
            path("begin/<int:version_id>/", begin, name="governance_release_begin"),
            path("<int:release_id>/figures/", signed_in(self.figures), name="governance_release_figures"),
            path("<int:release_id>/do/<str:act>/", act, name="governance_release_act"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What is in force, and everything that was."""
        self.must_see(request)
        rows = self.rows()
        past = rows.exclude(state__in=Release.LIVE)
        page = Paginator(past, ON_A_PAGE).get_page(request.GET.get("p"))
        canary = rows.filter(state=Release.State.CANARY).first()
        context = {
            "title": "Releases",
            "full": rows.filter(state=Release.State.FULL).first(),
            "canary": canary,
            "figures": figures_of(canary) if canary else [],
            "past": page,
            "unexplained": [release for release in past[:5] if release.wants_a_reason],
            "taken_back": past.filter(state=Release.State.TAKEN_BACK).first() if canary is None else None,
            **self.rights(request),
        }
        return self.page(request, "admin/releases/releases.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_more: Any) -> HttpResponse:
        self.must_see(request)
        release = get_object_or_404(self.rows(), pk=object_id)
        context = {
            "title": release.recipe.label,
            "release": release,
            "figures": figures_of(release) if release.answers.exists() else [],
            "state_label": STATES[release.state],
            **self.rights(request),
        }
        return self.page(request, "admin/releases/release.html", context)

    def figures(self, request: HttpRequest, release_id: int) -> HttpResponse:
        """A canary's figures, asked for again and again while the page is open."""
        self.must_see(request)
        release = get_object_or_404(self.rows(), pk=release_id)
        context = {"release": release, "figures": figures_of(release)}
        return render(request, "admin/releases/figures.html", context)

    def begin(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """The release dialog of a version's page."""
        self.must_see(request)
        version = get_object_or_404(PromptVersion, pk=version_id)
        try:
            made = services.release(
                recipe_of=version,
                share=number_in(request, "share") or 0,
                actor=actor_of(request),
                note=request.POST.get("note", ""),
                promote_after=rule_in(request),
            )
        except AskAcmeError as error:
            self.refused(request, error)
            return redirect(version.get_absolute_url())
        whom = "everybody" if made.share == 100 else f"{made.share} % of people"
        self.message_user(request, f"{version.label} is released to {whom}, as {made.recipe}.", messages.SUCCESS)
        return redirect(LIST)

    def act(self, request: HttpRequest, release_id: int, act: str) -> HttpResponse:
        """One move of a release; who may do it is the service's to say."""
        self.must_see(request)
        if act not in ACTS:
            raise PermissionDenied
        release = get_object_or_404(self.rows(), pk=release_id)
        step, done = ACTS[act]
        try:
            step(release, actor_of(request), request)
        except AskAcmeError as error:
            self.refused(request, error)
        else:
            self.message_user(request, done.format(release.recipe), messages.SUCCESS)
        return redirect(LIST)

    def refused(self, request: HttpRequest, error: AskAcmeError) -> None:
        if error.http_status == 403:
            raise PermissionDenied from error
        self.message_user(request, str(error), messages.ERROR)

    def rights(self, request: HttpRequest) -> dict[str, bool]:
        person = actor_of(request)
        return {"may_release": person.has_perm(RELEASE), "may_roll_back": person.has_perm(services.ROLL_BACK)}

    def must_see(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def rows(self) -> Any:
        return Release.objects.select_related("recipe", "released_by", "ended_by", "previous__recipe").prefetch_related(
            "recipe__versions"
        )

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**frame, **context})


def number_in(request: HttpRequest, name: str) -> int | None:
    """Raises InvalidInput."""
    given = request.POST.get(name, "").strip()
    if not given:
        return None
    if not (given.isdecimal() and len(given) < 7):
        raise InvalidInput(f"“{given[:20]}” is no whole number.")
    return int(given)


def rule_in(request: HttpRequest) -> tuple[int, int] | None:
    people, days = number_in(request, "promote_after_people"), number_in(request, "promote_after_days")
    if people is None and days is None:
        return None
    if people is None or days is None:
        raise InvalidInput("A rule that promotes takes both: people and days.")
    return people, days
