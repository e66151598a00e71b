"""Celery's side of suites."""

from functools import partial

from asgiref.sync import async_to_sync
from celery import shared_task

from askacme.lib.per_loop import close_all
from askacme.lib.threads import in_thread
from chat.suites.answer import answered
from governance.prompts.releases.current import RecipeInForce, current, tried_with
from governance.prompts.suites.models import SuiteRun
from governance.prompts.suites.play import play


@shared_task(name="chat.suites.tasks.run_suite")
def run_suite(run_id: int) -> None:
    async_to_sync(played)(run_id)


async def played(run_id: int) -> None:
    try:
        recipe = await in_thread(recipe_of, run_id)
        if recipe:
            await play(run_id, answer=partial(answered, recipe=recipe))
    finally:
        await close_all()


def recipe_of(run_id: int) -> RecipeInForce | None:
    """The recipe in force, with the version under test in it. None of a run that is gone."""
    run = SuiteRun.objects.filter(pk=run_id).select_related("version").first()
    current.look()  # a worker asks seldom: what it knows may be a second old
    return tried_with(run.version) if run else None
