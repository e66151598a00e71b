"""What is learned from the examples: how, and how it is kept for the other processes."""

import hashlib
import io
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction

from governance.gateway.embeddings import embedder
from governance.gateway.routing import features
from governance.gateway.routing.fit import Head, Learned, learn, near_duplicates
from governance.gateway.routing.models import Department, Kind, RoutingExample, TrainedRouter
from governance.gateway.types import Vectors

logger = logging.getLogger(__name__)

LOCK = 0x526F757465
"""One process learns at a time; the others then find what it learned."""
KEPT = 3

NOTHING = Learned(Head((), np.zeros((0, 0), np.float32)), None, None)

Example = tuple[str, str, str]
"""Text, kind, department."""


@dataclass(frozen=True, slots=True)
class Classified:
    """What a question is, and how sure that is: of all answers given with 0.8, some eight in ten are right."""

    kind: str
    kind_probability: float
    department: str
    department_probability: float


UNKNOWN = Classified(Kind.LOOKUP, 0.0, Department.OTHER, 0.0)
"""What everything is as long as there are no examples."""


@dataclass(frozen=True, slots=True)
class Trained:
    """The weights that belong to the examples which `fingerprint` names."""

    fingerprint: str
    kind: Head
    department: Head

    def classify(self, question: str, vector: Vectors) -> Classified:
        """`vector`: float32 of shape (1, dimension), the question's embedding."""
        if not self.kind.labels:
            return UNKNOWN
        row = features.features([question], vector)
        return Classified(*self.kind.best(row), *self.department.best(row))


def basis() -> str:
    """What numbers a question is turned into: weights fit no others."""
    return f"{embedder().name}/{features.VERSION}"


def examples_now() -> list[Example]:
    return list(RoutingExample.objects.order_by("text").values_list("text", "kind", "department"))


def fingerprint_of(examples: Sequence[Example]) -> str:
    return hashlib.sha256(repr((basis(), list(examples))).encode()).hexdigest()


def learned_last() -> Trained | None:
    """What was learned last by whichever process, be it from examples that have changed since."""
    row = TrainedRouter.objects.filter(basis=basis()).order_by("trained_at").last()
    return read(row) if row else None


def up_to_date(examples: Sequence[Example], known: dict[str, Vectors] | None = None) -> Trained:
    """
    What these examples teach: as another process left it, or learned now and left for the others.

    `known` keeps the embeddings from one time to the next. Without them it takes about a second, with them half of
    that. Never call it on the event loop.
    """
    fingerprint = fingerprint_of(examples)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        row = TrainedRouter.objects.filter(fingerprint=fingerprint).first()
        row = row or train(examples, fingerprint, {} if known is None else known)
    return read(row)


def train(examples: Sequence[Example], fingerprint: str, known: dict[str, Vectors]) -> TrainedRouter:
    """Raises ModelUnavailable when there is no embedding model."""
    begun = time.perf_counter()
    kind, department = learned(examples, known) if examples else (NOTHING, NOTHING)
    trained = TrainedRouter.objects.create(
        fingerprint=fingerprint,
        basis=basis(),
        weights=written(kind.head, department.head),
        examples=len(examples),
        kind_accuracy=kind.accuracy,
        department_accuracy=department.accuracy,
    )
    newest = TrainedRouter.objects.order_by("-trained_at").values("pk")[:KEPT]
    TrainedRouter.objects.exclude(pk__in=newest).delete()
    logger.info("The router learned from %d examples in %.1f s", len(examples), time.perf_counter() - begun)
    return trained


def learned(examples: Sequence[Example], known: dict[str, Vectors]) -> tuple[Learned, Learned]:
    """To tell the kind, and the department."""
    texts, kinds, departments = zip(*examples, strict=True)
    vectors = embedded(texts, known)
    rows, groups = features.features(texts, vectors), near_duplicates(vectors)
    return learn(rows, kinds, groups), learn(rows, departments, groups)


def embedded(texts: Sequence[str], known: dict[str, Vectors]) -> Vectors:
    """float32 array of shape (n_texts, dimension); those that `known` lacks are embedded together, and added to it."""
    new = [text for text in texts if text not in known]
    known.update(zip(new, embedder().embed(new), strict=True))
    return np.stack([known[text] for text in texts])


def written(kind: Head, department: Head) -> bytes:
    file = io.BytesIO()
    np.savez(
        file,
        kind_labels=np.array(kind.labels, str),
        kind_weights=kind.weights,
        department_labels=np.array(department.labels, str),
        department_weights=department.weights,
    )
    return file.getvalue()


def read(row: TrainedRouter) -> Trained:
    with np.load(io.BytesIO(row.weights), allow_pickle=False) as arrays:
        kind, department = (
            Head(tuple(arrays[f"{name}_labels"].tolist()), arrays[f"{name}_weights"]) for name in ("kind", "department")
        )
    return Trained(row.fingerprint, kind, department)
