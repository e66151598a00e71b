"""
Search on a public set of passages in BEIR's format: corpus.jsonl, queries.jsonl, qrels.tsv (Thakur et al. 2021).

Each passage becomes a document and goes the way of every file. A query's `metadata`
may hold `language` and `impossible`.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from governance.access.audience import Audience
from knowledge.documents.services import AudienceChoice, upload
from knowledge.ingest.run import ingest
from knowledge.search.search import Hit, find
from tests.bench import output

TOP = 10


@dataclass(frozen=True)
class Asked:
    """`place` is the rank of the first right passage among different ones, from 1; None if it is not among ten."""

    group: str
    is_possible: bool
    place: int | None
    relevance: float


def is_one(folder: Path) -> bool:
    return (folder / "corpus.jsonl").exists()


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def take_in(folder: Path) -> None:
    everyone = AudienceChoice(for_everyone=True)
    for passage in lines(folder / "corpus.jsonl"):
        text = io.BytesIO(passage["text"].encode())
        path = f"{passage['_id']}.txt"
        taken = upload(file=text, path=path, title=passage["title"], audience=everyone, owner=None, actor=None)
        ingest(taken.version.pk)


def ask_all(folder: Path) -> list[Asked]:
    with (folder / "qrels.tsv").open(encoding="utf-8") as file:
        right: defaultdict[str, set[str]] = defaultdict(set)
        for row in csv.DictReader(file, delimiter="\t"):
            right[row["query-id"]].add(f"{row['corpus-id']}.txt")
    return [asked(query, right[query["_id"]]) for query in lines(folder / "queries.jsonl")]


def asked(query: dict[str, Any], right: set[str]) -> Asked:
    found = find(query["text"], audience=Audience.nobody(), top=TOP)
    about = query.get("metadata", {})
    is_possible = not about.get("impossible", False)
    return Asked(about.get("language", ""), is_possible, place_of(found.hits, right), found.relevance)


def place_of(hits: Sequence[Hit], right: set[str]) -> int | None:
    paths = list(dict.fromkeys(hit.path for hit in hits))
    return next((place for place, path in enumerate(paths, 1) if path in right), None)


def table(folder: Path) -> str:
    take_in(folder)
    results = ask_all(folder)
    groups = sorted({one.group for one in results})
    rows = [row(group or "all", [one for one in results if one.group == group]) for group in groups]
    head = ("queries", "n", "recall@10", "nDCG@10", "relevance: AUROC, answerable against impossible")
    return output.table(f"Search: {folder.name}", head, rows)


def row(name: str, results: Sequence[Asked]) -> tuple[object, ...]:
    """One passage is right for each query that has an answer, so its gain is 1 / log2(1 + place)."""
    possible = [one for one in results if one.is_possible]
    gains = [1 / np.log2(1 + one.place) if one.place else 0.0 for one in possible]
    recall = np.mean([one.place is not None for one in possible])
    return name, len(possible), f"{recall:.3f}", f"{np.mean(gains):.3f}", auroc(results)


def auroc(results: Sequence[Asked]) -> str:
    possible = np.array([one.relevance for one in results if one.is_possible])
    impossible = np.array([one.relevance for one in results if not one.is_possible])
    if not impossible.size:
        return "–"
    wins = (possible[:, None] > impossible).mean() + (possible[:, None] == impossible).mean() / 2
    return f"{wins:.3f}"
