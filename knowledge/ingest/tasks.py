"""Celery's side of ingestion."""

import logging

from celery import shared_task

from knowledge.documents.models import DocumentVersion
from knowledge.ingest.queue import enqueue

logger = logging.getLogger(__name__)


@shared_task(name="knowledge.ingest.tasks.ingest_version")
def ingest_version(version_id: int) -> None:
    from knowledge.ingest.run import ingest

    ingest(version_id)


@shared_task(name="knowledge.ingest.tasks.resume_stalled")
def resume_stalled() -> None:
    """Queue again what a dead worker or a lost message left behind."""
    for version in DocumentVersion.objects.stalled():
        if version.back_to_queue():
            logger.warning("%s showed no sign of life: queued again", version)
            enqueue(version.pk)
