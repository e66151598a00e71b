"""Celery's side of syncing."""

import logging

from celery import shared_task

from askacme.lib.errors import AskAcmeError, Conflict
from governance.access.models import User
from knowledge.sources.models import Source

logger = logging.getLogger(__name__)


@shared_task(name="knowledge.sources.tasks.sync_source")
def sync_source(source_id: int, actor_id: int | None = None) -> None:
    """Sync one source, for the person who asked for it, if one did. What fails is noted with the source."""
    from knowledge.sources.items import Options
    from knowledge.sources.services import sync

    source = Source.objects.select_related("collection", "owner").filter(pk=source_id).first()
    if source is None:
        return
    actor = User.objects.filter(pk=actor_id).first() if actor_id is not None else None
    try:
        for outcome in sync(source=source, options=Options(actor=actor)):
            if outcome.why:
                logger.info("%s: %s %s: %s", source, outcome.word, outcome.address, outcome.why)
    except Conflict as error:
        logger.warning("%s: %s", source, error)
    except AskAcmeError as error:
        logger.warning("Syncing %s failed: %s", source, error)


@shared_task(name="knowledge.sources.tasks.sync_due_sources")
def sync_due_sources() -> None:
    """Hand each source whose time has come to a worker; one that is still running stops the second run at once."""
    for source in Source.objects.exclude(every_hours=None):
        if source.is_due:
            sync_source.delay(source.pk)
