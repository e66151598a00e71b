"""
What the input guards find, and whom they bother: on a file of labelled prompts that they didn't learn from.

Rows of `text`, `label` (attack or benign), `source`, and `subtype` (what makes it hard). The file is only read, never
kept. Without it the figures are the card's: held-back folds of the guards' own examples.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from governance.gateway.embeddings import embedder
from governance.gateway.types import Vectors
from governance.guardrails.classifiers.weights import CARD
from governance.guardrails.guards import GUARDS
from governance.guardrails.inspect import embedded, judged
from governance.guardrails.policy import DEFAULT
from governance.guardrails.values import Judgement
from governance.guardrails.windows import windows
from tests.bench import output

TIMED_CHARACTERS = 200
TIMED = 100
STRANGERS = "deepset"
"""Benign prompts of this source are searches of a newspaper's readers, not questions of employees."""
HARD = "hard_negatives"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled prompt, and what each guard said of it."""

    label: str
    source: str
    subtype: str
    judgements: dict[str, Judgement]

    @property
    def is_attack(self) -> bool:
        return self.label == "attack"

    @property
    def is_of_employees(self) -> bool:
        return not self.is_attack and STRANGERS not in self.source

    def is_flagged_by(self, guard: str) -> bool:
        judgement = self.judgements[guard]
        return bool(judgement.code) and judgement.score >= DEFAULT.inputs[guard].threshold


def table(path: Path | None = None) -> str:
    """Under the default policy's thresholds; long texts in windows, as `inspect` has them judged."""
    embedder().warm_up()
    return "\n\n".join([carded(), *(measured(path) if path else ()), timed()])


def carded() -> str:
    card = json.loads(CARD.read_text(encoding="utf-8"))
    rows = [
        (guard, name, one[name]["labelled"], one[name]["recall"], one[name]["false_positives"], one[name]["accuracy"])
        for guard, one in card["guards"].items()
        for name in ("with_embedding", "signs_alone")
    ]
    title = f"Guards: {card['examples']} own examples, held back, trained {card['trained_on']}"
    return output.table(title, ("guard", "by", "labelled", "recall", "false alarms", "right kind"), rows)


def measured(path: Path) -> Iterator[str]:
    rows = [judged_row(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    attacks = [row for row in rows if row.is_attack]
    employees = [row for row in rows if row.is_of_employees]
    strangers = [row for row in rows if not row.is_attack and not row.is_of_employees]
    hard = [row for row in employees if HARD in row.subtype]
    lines = [
        ("attacks found", *share(attacks)),
        *((f"– {source}", *share([row for row in attacks if row.source == source])) for source in sources(attacks)),
        ("benign questions of employees flagged", *share(employees)),
        ("– hard negatives among them", *share(hard)),
        ("benign prompts of others flagged", *share(strangers)),
    ]
    yield output.table(f"Injection: {path.name}", ("prompts", "n", "flagged", "share"), lines)
    yield output.table(
        f"Harm and topic: benign rows of {path.name}",
        ("prompts", "n", "harm", "off-topic", "small talk"),
        [
            ("employees' questions, hard", *others(hard)),
            ("employees' questions, the rest", *others([row for row in employees if row not in hard])),
            ("prompts of others", *others(strangers)),
        ],
    )


def judged_row(row: dict[str, str]) -> Row:
    pieces = windows(row["text"])
    vectors = embedded(pieces)
    judgements = {guard.name: judged(guard, row["text"], pieces, vectors) for guard in GUARDS}
    return Row(row["label"], row["source"], row.get("subtype") or "", judgements)


def share(rows: Sequence[Row]) -> tuple[int, int, str]:
    flagged = sum(row.is_flagged_by("injection") for row in rows)
    return len(rows), flagged, f"{flagged / len(rows):.3f}" if rows else "–"


def others(rows: Sequence[Row]) -> tuple[int, int, int, int]:
    topics = [row.judgements["topic"].code for row in rows if row.is_flagged_by("topic")]
    off = topics.count("topic.off_topic")
    return len(rows), sum(row.is_flagged_by("harm") for row in rows), off, len(topics) - off


def sources(rows: Sequence[Row]) -> list[str]:
    return sorted({row.source for row in rows})


def timed() -> str:
    """Each text is new: what the guards remember of one doesn't help."""
    text = "How do I hand in the receipt of a taxi ride that I paid in cash, when my manager is on leave? " * 3
    texts = [f"{number} {text}"[:TIMED_CHARACTERS] for number in range(TIMED)]
    vector = embedder().embed_query(texts[0])
    took_ms = [all_guards_ms(each, vector) for each in texts]
    p50, p95 = output.percentiles_ms(took_ms)
    head = ("all guards, embedding apart", "p50 ms", "p95 ms")
    return output.table(f"Guards: {TIMED_CHARACTERS} characters", head, [(f"{TIMED} questions", p50, p95)])


def all_guards_ms(text: str, vector: Vectors) -> float:
    begun = time.perf_counter()
    for guard in GUARDS:
        guard.judge(text, vector)
    return 1000 * (time.perf_counter() - begun)
