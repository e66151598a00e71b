"""
What people do with releases, and what the canary's monitor does.

A release moves a pointer: which recipe is in force, for a share of people or for everybody. All moves happen one after
the other (`pointer_held`), each only from the state it is meant for, in the transaction that puts it on record. Every
process follows within a second of the commit.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.models import User
from governance.audit.services import record
from governance.prompts.releases.current import current
from governance.prompts.releases.models import Recipe, Release
from governance.prompts.releases.recipes import recipe_of as recipe_that_holds
from governance.prompts.releases.recipes import versions_in
from governance.prompts.releases.telling import tell_soon
from governance.prompts.versions.models import Prompt, PromptVersion
from governance.prompts.versions.services import RELEASE, mark_released, need

State = Release.State
VIEW = "governance.view_release"
ROLL_BACK = "governance.roll_back_release"
MAY_BE_RELEASED = {PromptVersion.State.APPROVED, PromptVersion.State.RELEASED, PromptVersion.State.RETIRED}
LONGEST_NOTE = 500
LONGEST_REASON = 1_000


@transaction.atomic
def release(
    *,
    recipe_of: PromptVersion | Recipe,
    share: int,
    actor: User,
    note: str = "",
    promote_after: tuple[int, int] | None = None,
) -> Release:
    """
    Put a recipe in force: for `share` percent of people as a canary, with 100 for everybody.

    A version takes its prompt's place in the recipe that is in force. `promote_after` are people and days after which a
    canary without harm is put in force for everybody by itself.

    Raises NotAllowed, InvalidInput, and Conflict: not approved, in force already, or another canary is out.
    """
    need(actor, RELEASE)
    if not 1 <= share <= 100:
        raise InvalidInput("A release goes to between 1 and 100 percent of people.")
    pointer_held()
    full = in_place(State.FULL)
    if canary := Release.objects.filter(state=State.CANARY).first():
        raise Conflict(f"{canary.recipe} is out to {canary.share} % of people. Promote it or roll it back first.")
    recipe = checked_recipe(recipe_of, full)
    people, days = checked_rule(promote_after, share)
    if share == 100:
        end(full, State.REPLACED, actor)
    made = Release.objects.create(
        recipe=recipe,
        previous=full,
        state=State.FULL if share == 100 else State.CANARY,
        share=share,
        note=checked_words(note, LONGEST_NOTE),
        released_by=actor,
        promote_after_people=people,
        promote_after_days=days,
    )
    if share == 100:
        put_versions_in_place(recipe, actor)
    on_record(made, "begin", actor, before=told(full))
    return made


@transaction.atomic
def promote(*, release: Release, actor: User | None) -> None:
    """
    Put a canary in force for everybody; `actor` is None when its rule does.

    Raises NotAllowed, and Conflict when it isn't out any more.
    """
    if actor is not None:
        need(actor, RELEASE)
    pointer_held()
    still(release, {State.CANARY}, "promoted")
    full, before = in_place(State.FULL), told(release)
    end(full, State.REPLACED, actor)
    set_columns(release, state=State.FULL, share=100, previous=full, promoted_at=timezone.now())
    put_versions_in_place(release.recipe, actor)
    on_record(release, "promote", actor, before=before)


@transaction.atomic
def roll_back(*, release: Release, actor: User) -> Release:
    """
    Take a release out of force, at once; why is asked after (`explain`). Returns what is in force now.

    A canary's people get what everybody has. Behind a release for everybody stands, as a new release, the one before.

    Raises NotAllowed, and Conflict when it isn't in force any more or nothing stands behind it.
    """
    need(actor, ROLL_BACK)
    pointer_held()
    still(release, {State.CANARY, State.FULL}, "rolled back")
    before, was_full = told(release), release.state == State.FULL
    if was_full and release.previous is None:
        raise Conflict(f"Nothing was in force before {release.recipe}: there is nothing to go back to.")
    end(release, State.ROLLED_BACK, actor)
    if was_full:
        for canary in Release.objects.filter(state=State.CANARY):
            end(canary, State.ROLLED_BACK, actor, reason=f"{release.label}, which it was made beside, was rolled back.")
        go_back_to(release.previous, actor)
    on_record(release, "roll_back", actor, before=before)
    return in_place(State.FULL)


@transaction.atomic
def explain(*, release: Release, reason: str, actor: User) -> None:
    """
    Say why a release was rolled back. What somebody said already stays.

    Raises NotAllowed, InvalidInput and Conflict.
    """
    need(actor, ROLL_BACK)
    reason = checked_words(reason, LONGEST_REASON)
    if not reason:
        raise InvalidInput("Say in a sentence why it was rolled back.")
    pointer_held()
    still(release, {State.ROLLED_BACK}, "explained")
    if release.reason:
        raise Conflict(f"Why {release.label} was rolled back is on record already.")
    before = told(release)
    set_columns(release, reason=reason)
    record(actor=actor, action="release.explain", target=release.label, before=before, after=told(release))


@transaction.atomic
def take_back(*, release: Release, reason: str) -> None:
    """
    The monitor's move: the canary ends, and who released it is told why, in the console and by e-mail.

    Raises Conflict when it isn't out any more.
    """
    pointer_held()
    still(release, {State.CANARY}, "taken back")
    before = told(release)
    end(release, State.TAKEN_BACK, None, reason=checked_words(reason, LONGEST_REASON))
    on_record(release, "take_back", None, before=before)
    tell_soon(release)


def go_back_to(earlier: Release | None, actor: User) -> None:
    """The same recipe in force again; behind it stands what stood behind it then, so that a second step goes on."""
    if earlier is None:
        return
    made = Release.objects.create(
        recipe=earlier.recipe,
        previous=earlier.previous,
        state=State.FULL,
        share=100,
        released_by=actor,
        note=f"Back to {earlier.label}.",
    )
    put_versions_in_place(made.recipe, actor)
    on_record(made, "begin", actor, before={})


def pointer_held() -> None:
    """Until the transaction ends no other release moves, and no version goes through its life."""
    list(Prompt.objects.select_for_update().order_by("name"))


def still(release: Release, only_from: set[State], done: str) -> None:
    """The row as it is now, if it is in one of these states; Conflict if not."""
    release.refresh_from_db()
    if release.state not in only_from:
        ended = release.get_state_display().lower()
        raise Conflict(f"{release.recipe} can't be {done}: {release.label} is {ended}. Look again at what is in force.")


def in_place(state: State) -> Release:
    found = Release.objects.filter(state=state).select_related("recipe").first()
    if found is None:
        raise Conflict("Nothing is released yet. Run the migrations: they release what ships with AskAcme.")
    return found


def end(release: Release, state: State, actor: User | None, *, reason: str = "") -> None:
    set_columns(release, state=state, ended_at=timezone.now(), ended_by=actor, reason=reason)


def set_columns(release: Release, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(release, name, value)
    release.save(update_fields=list(changes))


def put_versions_in_place(recipe: Recipe, actor: User | None) -> None:
    """The versions of the recipe for everybody are those that are called released."""
    for version in recipe.versions.exclude(state=PromptVersion.State.RELEASED).order_by("prompt_id"):
        mark_released(version=version, actor=actor)


def checked_recipe(recipe_of: PromptVersion | Recipe, full: Release) -> Recipe:
    """Raises Conflict when it is in force already, or a version in it isn't approved."""
    recipe: Recipe
    if isinstance(recipe_of, PromptVersion):
        recipe = recipe_that_holds(versions_in(full.recipe) | {recipe_of.prompt_id: recipe_of.pk})
    else:
        recipe = recipe_of
    if recipe == full.recipe:
        raise Conflict(f"{recipe} is in force for everybody already.")
    for version in recipe.versions.exclude(state__in=MAY_BE_RELEASED):
        raise Conflict(f"{version.label} can't be released: it is {version.get_state_display().lower()}.")
    return recipe


def checked_rule(promote_after: tuple[int, int] | None, share: int) -> tuple[int | None, int | None]:
    if promote_after is None:
        return None, None
    if share == 100:
        raise InvalidInput("Only a canary can be promoted by a rule: this release is for everybody.")
    people, days = promote_after
    if not (1 <= people <= 100_000 and 1 <= days <= 90):
        raise InvalidInput("A canary is promoted after 1 to 100,000 people and 1 to 90 days.")
    return people, days


def checked_words(words: str, longest: int) -> str:
    words = " ".join(words.replace("\x00", "").split())
    if len(words) > longest:
        raise InvalidInput(f"That is too long: at most {longest:,} characters.")
    return words


def on_record(release: Release, verb: str, actor: User | None, *, before: dict[str, Any]) -> None:
    record(actor=actor, action=f"release.{verb}", target=release.label, before=before, after=told(release))
    transaction.on_commit(current.announce)


def told(release: Release) -> dict[str, Any]:
    """What the audit record keeps of a release, before and after an act."""
    return {
        "release": release.label,
        "recipe": release.recipe.label,
        "versions": sorted(version.label for version in release.recipe.versions.all()),
        "state": release.state,
        "share": release.share,
        "reason": release.reason,
    }
