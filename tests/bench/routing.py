"""How often the router sees the kind and the department, on examples that it didn't learn from."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from governance.gateway.embeddings import embedder
from governance.gateway.routing.features import features
from governance.gateway.routing.fit import FOLDS, Labels, Learned, learn, near_duplicates
from governance.gateway.routing.models import Kind
from governance.gateway.routing.shipped import shipped_examples
from governance.gateway.routing.trained import Trained
from governance.gateway.types import Vectors
from tests.bench import output

ASKED = 200
UNSEEN = Path(__file__).with_name("routing_unseen.jsonl")


def table() -> str:
    """
    Five folds over the shipped examples. Near-duplicates stay in one fold, so none is judged by its like.

    The words beside the embedding were chosen with these examples in view, so they flatter a little; the questions of
    `routing_unseen.jsonl` were written afterwards and nothing was fitted to them.
    """
    rows = shipped_examples()
    texts = [row["text"] for row in rows]
    embedder().warm_up()
    begun = time.perf_counter()
    vectors = embedder().embed(texts)
    embedded_s = time.perf_counter() - begun
    groups, numbers = near_duplicates(vectors), features(texts, vectors)
    kinds, departments = ([row[label] for row in rows] for label in ("kind", "department"))
    kind, department = learn(numbers, kinds, groups), learn(numbers, departments, groups)
    learned_s = time.perf_counter() - begun - embedded_s
    plain = learn(vectors, kinds, groups)
    title = f"Routing: {len(rows)} examples in {groups.max() + 1} groups of near-duplicates, {FOLDS} folds"
    figures = [
        ("kind", accuracy(kind)),
        ("kind, by the embedding alone", accuracy(plain)),
        ("department", accuracy(department)),
        *unseen(Trained("", kind.head, department.head)),
        ("embedding the examples, s", f"{embedded_s:.2f}"),
        ("learning both, s", f"{learned_s:.2f}"),
        ("telling both of one question, embedding apart, ms", f"{telling_ms(texts, vectors, kind, department):.2f}"),
    ]
    return output.table(title, ("held back", "right"), figures) + "\n\n" + confusion(kinds, kind)


def unseen(trained: Trained) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in UNSEEN.read_text(encoding="utf-8").splitlines()]
    said = [trained.classify(row["text"], embedder().embed_query(row["text"])) for row in rows]
    kinds = [one.kind == row["kind"] for one, row in zip(said, rows, strict=True)]
    departments = [one.department == row["department"] for one, row in zip(said, rows, strict=True)]
    return [
        (f"kind, {len(rows)} questions written afterwards", f"{np.mean(kinds):.3f}"),
        (f"department, {len(rows)} questions written afterwards", f"{np.mean(departments):.3f}"),
    ]


def accuracy(learned: Learned) -> str:
    return "–" if learned.accuracy is None else f"{learned.accuracy:.3f}"


def confusion(truth: Sequence[str], kind: Learned) -> str:
    """Rows: what it is. Columns: what it was taken for."""
    said, true = kind.held_back, np.array(truth)
    if said is None:
        return ""
    rows = [
        (name, *(int(((true == name) & (said == other)).sum()) for other in Kind.values), right(name, true, said))
        for name in Kind.values
    ]
    return output.table("Routing: kind", ("is", *Kind.values, "found"), rows)


def right(name: str, true: Labels, said: Labels) -> str:
    return f"{(said[true == name] == name).mean():.2f}"


def telling_ms(texts: Sequence[str], vectors: Vectors, kind: Learned, department: Learned) -> float:
    trained = Trained("", kind.head, department.head)
    begun = time.perf_counter()
    for text, vector in zip(texts[:ASKED], vectors[:ASKED, None], strict=True):
        trained.classify(text, vector)
    return 1000 * (time.perf_counter() - begun) / ASKED
