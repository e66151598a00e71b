"""Celery's side of documents."""

import logging

from celery import shared_task

from askacme.lib.errors import AskAcmeError

logger = logging.getLogger(__name__)


@shared_task(name="knowledge.documents.tasks.send_review_reminders")
def send_review_reminders() -> None:
    from knowledge.documents.reminders import remind_owners

    remind_owners()


@shared_task(name="knowledge.documents.tasks.use_version")
def use_version(version_id: int, instead_of: int | None, actor_id: int) -> None:
    """Use an earlier version again, when much is to be embedded first."""
    from governance.access.models import User
    from knowledge.documents.models import DocumentVersion
    from knowledge.documents.versions import swap_in

    version = DocumentVersion.objects.select_related("document").filter(pk=version_id).first()
    if version is None:  # deleted meanwhile
        return
    actor = User.objects.filter(pk=actor_id).first()
    try:
        swap_in(version, instead_of=instead_of, actor=actor, beat=lambda _share: None)
    except AskAcmeError as error:
        logger.warning("%s is not in use again: %s", version, error)
