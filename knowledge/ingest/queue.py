"""
Waking the workers. The rows in the database are the queue; a message only says that there is something in it.

A worker that gets one takes up whatever is next in line, and passes the message on while more waits: so a few messages
are enough for any number of files, and other tasks need not wait behind them. What is lost is sent again by the sweep.
"""

import logging
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from knowledge.documents.models import STALLED_AFTER, DocumentVersion
from knowledge.ingest.turns import due

logger = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=10)
MESSAGES = 8
"""As many as worker threads may be idle."""
FOREVER_S = 7 * 86_400.0
_WORKER_SEEN = "knowledge.ingest.worker_seen"


def enqueue(version_id: int) -> None:
    """Say that this version waits. If the broker is down, the sweep finds the row later."""
    if due()[: MESSAGES + 1].count() <= MESSAGES:
        logger.debug("Version %s waits: waking a worker", version_id)
        nudge()


def nudge(*, expires_s: float = FOREVER_S) -> None:
    """Wake a worker; after `expires_s` the message means nothing any more."""
    from knowledge.ingest.tasks import read_next_version

    try:
        read_next_version.apply_async(expires=expires_s)
    except (OperationalError, RedisError) as error:
        logger.warning("The message broker can't be reached (%s): what waits is found by the sweep", error)


def nudge_if_idle() -> None:
    """Wake workers when something is due and nothing has been taken up since the last sweep."""
    waiting = due()[:MESSAGES].count()
    begun = DocumentVersion.objects.filter(started_at__gte=timezone.now() - SWEEP_EVERY)
    if waiting and not begun.exists():
        for _ in range(waiting):
            nudge(expires_s=SWEEP_EVERY.total_seconds())


def worker_was_here() -> None:
    """A worker's sign of life, whatever it has to do. Called at each sweep."""
    cache.set(_WORKER_SEEN, 1, timeout=STALLED_AFTER.total_seconds())


def a_worker_lives() -> bool:
    """Whether a worker gave a sign of life lately: by the sweep, or by what it reads."""
    recent = timezone.now() - STALLED_AFTER
    if (
        DocumentVersion.objects.unfinished()
        .filter(started_at__isnull=False, heartbeat_at__gte=recent)
        .exclude(state=DocumentVersion.State.QUEUED)
        .exists()
    ):
        return True
    try:
        return cache.get(_WORKER_SEEN) is not None
    except RedisError:
        return False
