"""Loading the embedding model before the first question needs it."""

import logging
import os
import threading

from governance.gateway.embeddings import embedder

logger = logging.getLogger(__name__)


def warm_up_in_background() -> None:
    """Start loading; the web server answers meanwhile. Tests load it only if they use it."""
    if os.environ.get("PYTEST_VERSION") is None:
        threading.Thread(target=_load, name="warm-up", daemon=True).start()


def _load() -> None:
    try:
        embedder().warm_up()
    except Exception:
        logger.exception("The embedding model could not be loaded")
