"""Putting work for the worker into its queue. The database row is the record; the message is only a nudge."""

import logging

from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue(version_id: int) -> None:
    """Ask a worker to read this version. If the queue is down, the sweeper finds the row later."""
    from knowledge.ingest.tasks import ingest_version

    try:
        ingest_version.delay(version_id)
    except OperationalError as error:
        logger.warning("Queue not reachable (%s): version %s waits for the sweeper", error, version_id)
