"""After each migration: what ships is in force, as a release like any other."""

from typing import Any

from django.apps.registry import Apps
from django.utils import timezone

from governance.prompts.releases.recipes import recipe_of


def put_in_force(apps: Apps, using: str) -> None:
    """
    A release for everybody of the versions in state "released", unless there is one that holds just these.

    A canary that is out was made beside something else: it ends with it. Inside a transaction that locks the prompts.
    """
    version, release, recipe, part = (
        manager_of(apps, name, using) for name in ("PromptVersion", "Release", "Recipe", "RecipePrompt")
    )
    versions = dict(version.filter(state="released").values_list("prompt_id", "pk"))
    before = release.filter(state="full").first()
    wanted = recipe_of(versions, recipes=recipe, parts=part)
    if before and before.recipe_id == wanted.pk:
        return
    release.filter(state__in=["full", "canary"]).update(state="replaced", ended_at=timezone.now())
    release.create(
        recipe_id=wanted.pk, previous_id=before.pk if before else None, state="full", share=100, note="Shipped."
    )


def manager_of(apps: Apps, name: str, using: str) -> Any:
    model: Any = apps.get_model("governance", name)
    return model.objects.using(using) if name == "PromptVersion" else model.objects.db_manager(using)
