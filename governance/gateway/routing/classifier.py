"""
What kind of question this is, and whose department it belongs to.

Each process holds the weights in memory. It learns before its first question at the latest; when the examples change
it goes on with what it has, and learns anew beside it.
"""

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import cache

from django.db import connections
from django.db.models import Count, Max

from governance.gateway.embeddings import embedder
from governance.gateway.routing.models import RoutingExample
from governance.gateway.routing.trained import (
    Classified,
    Example,
    Trained,
    examples_now,
    fingerprint_of,
    learned_last,
    up_to_date,
)
from governance.gateway.types import Vectors

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""How often at most a process asks whether the examples have changed: one query of a fraction of a millisecond."""

Stamp = tuple[int, datetime | None]


class Classifier:
    """Safe to call from several threads. `vectors` are embeddings of examples that are at hand already."""

    def __init__(self, vectors: dict[str, Vectors] | None = None) -> None:
        self._first = threading.Lock()
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="router")
        self._trained: Trained | None = None
        self._stamp: Stamp | None = None
        self._vectors: dict[str, Vectors] = {} if vectors is None else vectors
        self._look_again_at = 0.0
        self._learning: Future[None] | None = None

    def classify(self, question: str, vector: Vectors | None = None) -> Classified:
        """
        `vector`: the question's embedding of shape (1, dimension), if the caller has it.

        Raises ModelUnavailable when there is no embedding model.
        """
        trained = self._at_hand()
        return trained.classify(question, embedder().embed_query(question) if vector is None else vector)

    def warm_up(self) -> None:
        """Learn, or read what another process has learned, before the first question."""
        self._at_hand()

    def wait(self) -> None:
        """Until what is being learned beside the questions is in use."""
        if self._learning is not None:
            self._learning.result()

    def look_again(self) -> None:
        """Ask at the next question whether the examples have changed, however recently that was asked."""
        self._look_again_at = 0.0

    def _at_hand(self) -> Trained:
        with self._first:
            if self._trained is None:
                self._trained = learned_last() or up_to_date(examples_now(), self._vectors)
            if time.monotonic() >= self._look_again_at:
                self._look_again_at = time.monotonic() + LOOK_EVERY_S
                self._look(self._trained)
            return self._trained

    def _look(self, trained: Trained) -> None:
        if self._learning is not None and not self._learning.done():
            return
        stamp = stamp_now()
        if stamp == self._stamp:
            return
        examples = examples_now()
        if fingerprint_of(examples) == trained.fingerprint:
            self._stamp = stamp
        else:
            self._learning = self._beside.submit(self._learn, examples, stamp)

    def _learn(self, examples: list[Example], stamp: Stamp) -> None:
        try:
            self._trained, self._stamp = up_to_date(examples, self._vectors), stamp
        except Exception:  # the thread's top: the next look tries again
            logger.exception("The router could not learn from the changed examples; it goes on with the old ones")
        finally:
            connections.close_all()


def stamp_now() -> Stamp:
    """Changes whenever an example is added, edited or deleted."""
    seen = RoutingExample.objects.aggregate(count=Count("pk"), newest=Max("updated_at"))
    return seen["count"], seen["newest"]


@cache
def classifier() -> Classifier:
    """The process's own."""
    return Classifier()


def classify(question: str, vector: Vectors | None = None) -> Classified:
    """What `Classifier.classify` says."""
    return classifier().classify(question, vector)
