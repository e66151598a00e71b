"""The recipe that is in force for each person: every process keeps it at hand, and follows a release in a second."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from django.utils import timezone

from askacme.lib.errors import NotFound
from askacme.lib.followed import Followed
from governance.prompts.releases.models import Recipe, RecipePrompt, Release
from governance.prompts.sent import Open, Prompt
from governance.prompts.versions.models import PromptVersion

Arm = Literal["canary", "rest", "full", "none"]
RECIPE = "recipe@"


@dataclass(frozen=True, slots=True)
class RecipeInForce:
    """
    What one answer is made by, from its first stage to its last.

    While a canary is out, `release_id` is the canary's, and `arm` says whether the person is in it or in the rest.
    With "full" there is none; "none" is a recipe that is only tried, or that was in force when its run began.
    """

    label: str
    prompts: Mapping[str, Open]
    release_id: int | None = None
    arm: Arm = "none"

    def prompt(self, name: str, **values: str) -> Prompt:
        """Its version of the prompt, with its variables filled. Raises NotFound."""
        found = self.prompts.get(name)
        if found is None:
            raise NotFound(f"No version of the prompt “{name}” is in {self.label}.")
        return found.with_values(**values)

    def answer_prompt(self) -> Prompt:
        today = timezone.localdate()
        return self.prompt("answer", today=f"{today.day} {today:%B %Y}")


@dataclass(frozen=True, slots=True)
class Current:
    """`rest` is for everybody outside the canary, which `share` percent of people are in."""

    rest: RecipeInForce | None = None
    canary: RecipeInForce | None = None
    share: int = 0

    def of(self, user_id: int) -> RecipeInForce | None:
        is_in = self.canary is not None and is_chosen(user_id, self.canary.release_id or 0, self.share)
        return self.canary if is_in else self.rest


def recipe_for(user_id: int) -> RecipeInForce:
    """
    The recipe for this person's next answer; from memory, also for the event loop.

    Raises NotFound when nothing is released: the migrations have not run.
    """
    return something(current.get().of(user_id) or current.look().of(user_id))


def in_force() -> RecipeInForce:
    """The recipe of everybody outside the canary, for what no person's answer is: it counts in no comparison."""
    found = something(current.get().rest or current.look().rest)
    return replace(found, release_id=None, arm="full")


def recipe_at(label: str, *, user_id: int) -> RecipeInForce:
    """
    The recipe that a run began with, for whoever takes it over; the one in force when the label names none.

    Asks the database, unless it is in force.
    """
    now = current.get()
    mine = now.of(user_id)
    for found in (mine, now.rest, now.canary):
        if found and found.label == label:
            return found if found is mine else replace(found, release_id=None, arm="none")
    number = label.removeprefix(RECIPE)
    prompts = prompts_of(int(number)) if label.startswith(RECIPE) and number.isdecimal() else {}
    return RecipeInForce(label, prompts) if prompts else recipe_for(user_id)


def tried_with(*versions: PromptVersion) -> RecipeInForce:
    """The recipe in force with these versions in it, whatever their state: for suites and replays."""
    now = in_force()
    prompts = {**now.prompts, **{version.prompt_id: Open.of(version) for version in versions}}
    names = " ".join(version.label for version in versions)
    return RecipeInForce(f"{now.label} + {names}" if names else now.label, MappingProxyType(prompts))


def is_chosen(user_id: int, release_id: int, share: int) -> bool:
    """
    Whether the person is among the release's share of people: the same in every process, for as long as it is out.

    Another release draws anew, so that the same people don't always get what is new.
    """
    drawn = hashlib.sha256(f"release:{release_id}:{user_id}".encode()).digest()
    return int.from_bytes(drawn[:8]) % 10_000 < share * 100


def something(found: RecipeInForce | None) -> RecipeInForce:
    if found is None:
        raise NotFound("No recipe is released. Run the migrations: they release what ships with AskAcme.")
    return found


def load() -> Current:
    """Each query on one table, without a join: nothing that empties several tables at once can deadlock with it."""
    releases = {release.state: release for release in Release.objects.in_force()}
    full, canary = releases.get(Release.State.FULL), releases.get(Release.State.CANARY)
    if full is None:
        return Current()
    rest = RecipeInForce(recipe_label(full), prompts_of(full.recipe_id), arm="full")
    if canary is None:
        return Current(rest)
    other = RecipeInForce(recipe_label(canary), prompts_of(canary.recipe_id), canary.pk, "canary")
    return Current(replace(rest, release_id=canary.pk, arm="rest"), other, canary.share)


def prompts_of(recipe_id: int) -> Mapping[str, Open]:
    parts = RecipePrompt.objects.filter(recipe=recipe_id).values_list("version_id", flat=True)
    versions = PromptVersion.objects.filter(pk__in=list(parts))
    return MappingProxyType({version.prompt_id: Open.of(version) for version in versions})


def recipe_label(release: Release) -> str:
    return Recipe(pk=release.recipe_id).label


current = Followed(load, channel="prompts")
