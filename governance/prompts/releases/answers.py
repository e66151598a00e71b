"""What the comparison of a canary with the rest counts, one row for each answer."""

from governance.access.models import User
from governance.prompts.releases.current import RecipeInForce
from governance.prompts.releases.models import CanaryAnswer


def count_answer(recipe: RecipeInForce, answer: CanaryAnswer) -> None:
    """
    Count an ended answer, which is not saved yet, if the run's recipe was drawn while a canary is out.

    Inside the transaction that ends the answer. Somebody who was erased meanwhile isn't counted.
    """
    if recipe.release_id is None or recipe.arm not in CanaryAnswer.Arm.values:
        return
    if not User.objects.filter(pk=answer.user_id).exists():
        return
    answer.release_id, answer.arm = recipe.release_id, recipe.arm
    CanaryAnswer.objects.bulk_create([answer], ignore_conflicts=True)
