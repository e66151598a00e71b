"""Golden questions: a JSON Lines file, one case a line."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from askacme.lib.errors import InvalidInput

UNANSWERABLE = "unanswerable"


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """
    One question and what a right answer shows.

    `gold_docs` are document paths: each of them must be found; with a single one, an `alt_docs` document will do.
    `gold_quote` are spans of the documents. An answer is right when it has at least one string of each group of
    `must_contain`. `history` holds the person's earlier questions.
    """

    id: str
    question: str
    kind: str
    gold_docs: tuple[str, ...] = ()
    alt_docs: tuple[str, ...] = ()
    gold_quote: tuple[str, ...] = ()
    must_contain: tuple[tuple[str, ...], ...] = ()
    history: tuple[str, ...] = ()

    @property
    def standalone(self) -> str:
        """The question with the earlier ones before it: words to measure with, not what is searched for."""
        return " ".join([*self.history, self.question])

    @property
    def is_answerable(self) -> bool:
        return self.kind != UNANSWERABLE


def load(path: Path) -> list[GoldenCase]:
    """Raises InvalidInput, naming the line, for anything that is not a case."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error
    cases = [case_of(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise InvalidInput(f"{path} holds no questions.")
    return cases


def case_of(line: str, where: str) -> GoldenCase:
    try:
        row: dict[str, Any] = json.loads(line)
        return GoldenCase(
            id=str(row["id"]),
            question=row["question"],
            kind=row["kind"],
            gold_docs=tuple(row.get("gold_docs", ())),
            alt_docs=tuple(row.get("alt_docs", ())),
            gold_quote=tuple(row.get("gold_quote", ())),
            must_contain=tuple(tuple(group) for group in row.get("must_contain", ())),
            history=tuple(turn["content"] for turn in row.get("history", ()) if turn["role"] == "user"),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{where}: not a golden question ({type(error).__name__}: {error})") from error
