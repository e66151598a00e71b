"""
Personal data: how much is found of each type, and how many look-alikes are masked.

A corpus is a file of JSON lines: `text`, `spans` (start, end, type), all of it stored backwards when the file's name
says `reversed`. Names count only where a spaCy model is installed.
"""

import json
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from governance.guardrails.pii import find
from governance.guardrails.pii.entities import CHECKED
from governance.guardrails.policy import DEFAULT

REVERSED = "reversed"
ROUNDS = 3
ALIKE = {"ES_NIE": "ES_DNI"}
TIMED_CHARS = 200


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    spans: frozenset[tuple[int, int, str]]

    @property
    def is_negative(self) -> bool:
        return not self.spans


@dataclass(frozen=True, slots=True)
class Score:
    """Spans that are the same to the character. `f1` is 1 where there is nothing to find and nothing was found."""

    right: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def table(corpora: Iterable[Path]) -> str:
    """Needs no database: precision, recall and F1 by type, look-alikes masked, and the time it takes."""
    return "\n\n".join(table_of(corpus) for corpus in corpora)


def table_of(corpus: Path) -> str:
    texts = labelled(corpus)
    scores = scores_of(texts)
    checked = total(score for kind, score in scores.items() if kind in CHECKED)
    negatives = [text for text in texts if text.is_negative]
    masked = sum(1 for text in negatives if found_in(text.text))
    lines = [f"personal data, {corpus.name} ({len(texts)} texts)", f"{'type':<26}{'n':>5}{'P':>8}{'R':>8}{'F1':>8}"]
    lines += [line(kind, score) for kind, score in sorted(scores.items())]
    lines += [line("with a checksum or form", checked), line("all", total(scores.values()))]
    lines.append(f"look-alikes masked: {masked} of {len(negatives)} texts")
    return "\n".join([*lines, timed([text.text for text in texts])])


def labelled(corpus: Path) -> list[Labelled]:
    turn = -1 if REVERSED in corpus.name else 1
    rows = [json.loads(row) for row in corpus.read_text().splitlines() if row.strip()]
    return [
        Labelled(row["text"][::turn], frozenset((span["start"], span["end"], span["type"]) for span in row["spans"]))
        for row in rows
    ]


def found_in(text: str) -> frozenset[tuple[int, int, str]]:
    spans = find(text, policy=DEFAULT)
    return frozenset((span.start, span.end, ALIKE.get(span.entity, span.entity)) for span in spans)


def scores_of(texts: Sequence[Labelled]) -> dict[str, Score]:
    right: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for text in texts:
        found = found_in(text.text)
        right.update(kind for *_, kind in found & text.spans)
        missed.update(kind for *_, kind in text.spans - found)
        wrong.update(kind for *_, kind in found - text.spans)
    return {kind: Score(right[kind], missed[kind], wrong[kind]) for kind in right | missed | wrong}


def total(scores: Iterable[Score]) -> Score:
    listed = list(scores)
    return Score(*(sum(getattr(score, name) for score in listed) for name in ("right", "missed", "wrong")))


def line(kind: str, score: Score) -> str:
    n = score.right + score.missed
    return f"{kind:<26}{n:>5}{score.precision:>8.3f}{score.recall:>8.3f}{score.f1:>8.3f}"


def timed(texts: Sequence[str]) -> str:
    """Each text repeated to the same length, so that the times can be compared."""
    took = []
    for text in (text * (TIMED_CHARS // max(1, len(text)) + 1) for text in list(texts) * ROUNDS):
        began = time.perf_counter()
        find(text[:TIMED_CHARS], policy=DEFAULT)
        took.append((time.perf_counter() - began) * 1000)
    p50, p95 = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    return f"{TIMED_CHARS} characters: p50 {p50:.2f} ms, p95 {p95:.2f} ms"
