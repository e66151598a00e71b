"""Celery's side of releases."""

from celery import shared_task

from governance.prompts.releases.monitor import watch


@shared_task(name="governance.prompts.releases.tasks.watch_canary")
def watch_canary() -> None:
    watch()
