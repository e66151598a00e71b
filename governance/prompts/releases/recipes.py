"""Recipes made: one row for each set of parts."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from governance.prompts.releases.models import Recipe, RecipePrompt
from governance.prompts.versions.models import PromptVersion


def recipe_of(versions: Mapping[str, int], *, recipes: Any = Recipe.objects, parts: Any = RecipePrompt.objects) -> Any:
    """
    The recipe of these versions (prompt's name → key of its version), made if there is none. Inside a transaction.

    Migrations hand in their own tables.
    """
    recipe, is_new = recipes.get_or_create(sha256=fingerprint(versions))
    if is_new:
        rows = [
            parts.model(recipe_id=recipe.pk, prompt_id=name, version_id=version) for name, version in versions.items()
        ]
        parts.bulk_create(rows)
    return recipe


def with_version(recipe: Recipe, version: PromptVersion) -> Recipe:
    """The recipe with this version in the place of its prompt's."""
    made: Recipe = recipe_of(versions_in(recipe) | {version.prompt_id: version.pk})
    return made


def versions_in(recipe: Recipe) -> dict[str, int]:
    return dict(recipe.parts.values_list("prompt_id", "version_id"))


def fingerprint(versions: Mapping[str, int]) -> str:
    return hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()
