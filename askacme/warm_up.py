"""Loading the embedding model, what is made with it, recognisers and guards, before the first question needs them."""

import logging
import os
import threading

from governance.gateway.embeddings import embedder
from governance.gateway.routing.classifier import classifier
from governance.guardrails.inspect import inspector
from governance.guardrails.pii import names, numbers

logger = logging.getLogger(__name__)


def warm_up_in_background() -> None:
    """Start loading; the web server answers meanwhile. Tests load it only if they use it."""
    if os.environ.get("PYTEST_VERSION") is None:
        threading.Thread(target=_load, name="warm-up", daemon=True).start()


def _load() -> None:
    try:
        embedder().warm_up()
        classifier().warm_up()
        numbers.warm_up()
        names.warm_up()
        inspector().warm_up()
    except Exception:
        logger.exception("The models could not be loaded")
