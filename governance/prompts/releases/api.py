"""Releases over HTTP: the same moves as in the console, with the same rules."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from askacme.lib.errors import InvalidInput
from governance.access.auth import caller_of
from governance.access.models import User
from governance.prompts.releases import services
from governance.prompts.releases.figures import figures_of
from governance.prompts.releases.models import Release, ReleaseQuerySet
from governance.prompts.semver import number_from
from governance.prompts.versions.models import PromptVersion
from governance.prompts.versions.services import need

router = Router(tags=["releases"])


class ReleaseOut(Schema):
    """`state` is canary or full while it is in force. `reason`: why it was taken back or rolled back."""

    id: int
    recipe: str
    versions: list[str]
    state: str
    share: int
    note: str
    released_by: str | None
    at: datetime
    promoted_at: datetime | None
    ended_at: datetime | None
    reason: str

    @classmethod
    def of(cls, release: Release) -> "ReleaseOut":
        by = release.released_by
        return cls(
            id=release.pk,
            recipe=release.recipe.label,
            versions=[version.label for version in release.recipe.versions.all()],
            released_by=by.email if by else None,
            **{name: getattr(release, name) for name in COPIED},
        )


COPIED = ("state", "share", "note", "at", "promoted_at", "ended_at", "reason")


class FigureOut(Schema):
    """`canary` and `rest` are means; `difference` says in words how much worse or better the canary is."""

    name: str
    canary: float
    rest: float
    canary_people: int
    rest_people: int
    difference: str
    is_harm: bool


class ReleaseIn(Schema):
    """An approved version. The two rules, given together, promote a canary without harm by themselves."""

    prompt: str
    version: str
    share: int = Field(description="Percent of people; 100 is everybody")
    note: str = ""
    promote_after_people: int | None = None
    promote_after_days: int | None = None


class ReasonIn(Schema):
    reason: str


@router.get("", response=list[ReleaseOut], summary="Releases, newest first")
def list_releases(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[ReleaseOut]:
    reader_of(request)
    return [ReleaseOut.of(release) for release in rows()[offset : offset + limit]]


@router.get(
    "/current", response=list[ReleaseOut], summary="What is in force: for everybody, and the canary if one is out"
)
def current_releases(request: HttpRequest) -> list[ReleaseOut]:
    reader_of(request)
    return [ReleaseOut.of(release) for release in rows().filter(state__in=Release.LIVE).order_by("-state")]


@router.get("/{release_id}", response=ReleaseOut, summary="One release")
def get_release(request: HttpRequest, release_id: int) -> ReleaseOut:
    reader_of(request)
    return ReleaseOut.of(get_object_or_404(rows(), pk=release_id))


@router.get("/{release_id}/figures", response=list[FigureOut], summary="A canary against the rest, as it stands now")
def get_figures(request: HttpRequest, release_id: int) -> list[FigureOut]:
    reader_of(request)
    found = figures_of(get_object_or_404(rows(), pk=release_id))
    return [
        FigureOut(
            name=figure.guarded.name,
            canary=figure.canary.mean,
            rest=figure.rest.mean,
            canary_people=figure.canary.people,
            rest_people=figure.rest.people,
            difference=figure.in_words,
            is_harm=figure.is_harm,
        )
        for figure in found
    ]


@router.post("", response={201: ReleaseOut}, summary="Release an approved version")
def begin_release(request: HttpRequest, given: ReleaseIn) -> Status[ReleaseOut]:
    actor = reader_of(request)
    version = get_object_or_404(PromptVersion, prompt=given.prompt, **number_from(given.version)._asdict())
    made = services.release(
        recipe_of=version, share=given.share, actor=actor, note=given.note, promote_after=rule_in(given)
    )
    return Status(201, ReleaseOut.of(made))


@router.post("/{release_id}/promote", response=ReleaseOut, summary="Put a canary in force for everybody")
def promote_release(request: HttpRequest, release_id: int) -> ReleaseOut:
    actor, found = reader_of(request), get_object_or_404(rows(), pk=release_id)
    services.promote(release=found, actor=actor)
    return ReleaseOut.of(found)


@router.post(
    "/{release_id}/roll-back", response=ReleaseOut, summary="Take a release out of force; answers what is in force"
)
def roll_back_release(request: HttpRequest, release_id: int) -> ReleaseOut:
    actor, found = reader_of(request), get_object_or_404(rows(), pk=release_id)
    return ReleaseOut.of(services.roll_back(release=found, actor=actor))


@router.post("/{release_id}/explain", response=ReleaseOut, summary="Say why it was rolled back")
def explain_release(request: HttpRequest, release_id: int, given: ReasonIn) -> ReleaseOut:
    actor, found = reader_of(request), get_object_or_404(rows(), pk=release_id)
    services.explain(release=found, reason=given.reason, actor=actor)
    return ReleaseOut.of(found)


def rule_in(given: ReleaseIn) -> tuple[int, int] | None:
    people, days = given.promote_after_people, given.promote_after_days
    if people is None and days is None:
        return None
    if people is None or days is None:
        raise InvalidInput("A rule that promotes takes both: people and days.")
    return people, days


def reader_of(request: HttpRequest) -> User:
    """The caller, who may at least look. Raises NotAllowed."""
    caller = caller_of(request)
    need(caller, services.VIEW)
    return caller


def rows() -> ReleaseQuerySet:
    return Release.objects.select_related("recipe", "released_by").prefetch_related("recipe__versions")
