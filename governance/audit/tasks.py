"""Celery's side of the audit record."""

from celery import shared_task


@shared_task(name="governance.audit.tasks.anchor")
def anchor() -> None:
    from governance.audit.anchors import anchor_head

    anchor_head()


@shared_task(name="governance.audit.tasks.retain")
def retain() -> None:
    from governance.audit.retention import apply_retention

    apply_retention()
