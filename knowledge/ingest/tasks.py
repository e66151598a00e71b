"""Celery's side of ingestion."""

from celery import shared_task

from knowledge.ingest.queue import nudge, nudge_if_idle, worker_was_here
from knowledge.ingest.turns import due


@shared_task(name="knowledge.ingest.tasks.read_next_version")
def read_next_version() -> None:
    """Read what is next in line, and pass the message on while more waits."""
    from knowledge.ingest.run import read_next

    if read_next() and due().exists():
        nudge()


@shared_task(name="knowledge.ingest.tasks.resume_stalled")
def resume_stalled() -> None:
    """The sweep: free what a dead worker left, and wake workers for lost messages and retries that are due."""
    from knowledge.ingest.run import free_abandoned

    worker_was_here()
    free_abandoned()
    nudge_if_idle()
