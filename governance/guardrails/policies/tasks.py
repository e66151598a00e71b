"""Celery's side of policies."""

from celery import shared_task


@shared_task(name="governance.guardrails.policies.tasks.dry_run")
def dry_run(run_id: int) -> None:
    from governance.guardrails.policies.dry_run import run

    run(run_id)
