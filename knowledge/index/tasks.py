"""Celery's side of search indexes."""

from celery import shared_task


@shared_task(name="knowledge.index.tasks.work_on_index")
def work_on_index(number: int) -> None:
    """Fill a search index that is being built, or delete one that was dropped."""
    from knowledge.index.building import work_on

    work_on(number)


@shared_task(name="knowledge.index.tasks.resume_indexes")
def resume_indexes() -> None:
    """Send workers to what is unfinished; one whose index has a worker already leaves at once."""
    from knowledge.index.building import send_filler, unfinished

    for index in unfinished():
        send_filler(index)
