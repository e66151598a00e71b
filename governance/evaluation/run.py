"""
Running a golden set.

Searching and answering are handed in: evaluation stands below both.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from governance.evaluation.golden import GoldenCase
from governance.evaluation.metrics import (
    Ranks,
    contains_all,
    document_tests,
    first_complete,
    mean,
    quote_tests,
    share,
    squash,
)

REFUSALS = frozenset({"no_answer", "filtered"})


class FoundPassage(Protocol):
    @property
    def path(self) -> str: ...

    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Answered:
    """
    What came back. `sources` are document paths; `searched_for` is the question as it was searched for, when it leant
    on the conversation before.
    """

    text: str
    status: str
    sources: tuple[str, ...]
    latency_ms: int
    searched_for: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One case, run. Ranks are None where the first ten passages did not show all that was wanted."""

    id: str
    kind: str
    question: str
    searched_for: str
    wants_docs: bool
    wants_quotes: bool
    doc_rank: int | None
    quote_rank: int | None
    status: str
    answer: str
    sources: tuple[str, ...]
    is_right: bool
    latency_ms: int

    @property
    def is_refused(self) -> bool:
        return self.status in REFUSALS


Search = Callable[[str], Sequence[FoundPassage]]
Answer = Callable[[GoldenCase], Answered]
"""Plays the case's conversation, if it has one."""


def evaluate(cases: Iterable[GoldenCase], *, search: Search, answer: Answer) -> list[Result]:
    """Searched is for what the answer was searched for."""
    answers = ((case, answer(case)) for case in cases)
    return [result_of(case, search(answered.searched_for or case.question), answered) for case, answered in answers]


def result_of(case: GoldenCase, ranking: Sequence[FoundPassage], answered: Answered) -> Result:
    """An answerable case is right when it is answered with all it must contain; an unanswerable one when refused."""
    refused = answered.status in REFUSALS
    return Result(
        id=case.id,
        kind=case.kind,
        question=case.question,
        searched_for=answered.searched_for,
        wants_docs=bool(case.gold_docs),
        wants_quotes=bool(case.gold_quote),
        doc_rank=first_complete([hit.path for hit in ranking], document_tests(case)) if case.gold_docs else None,
        quote_rank=first_complete([squash(hit.text) for hit in ranking], quote_tests(case))
        if case.gold_quote
        else None,
        status=answered.status,
        answer=answered.text,
        sources=answered.sources,
        is_right=(not refused and contains_all(answered.text, case.must_contain)) if case.is_answerable else refused,
        latency_ms=answered.latency_ms,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one group of questions; None where no question of the group says what is to be found."""

    group: str
    n: int
    doc_recall_5: float | None
    doc_recall_10: float | None
    doc_mrr: float | None
    quote_recall_5: float | None
    quote_recall_10: float | None
    quote_mrr: float | None
    right: float
    refused: float
    latency_ms: float


def summarise(results: Sequence[Result]) -> list[Row]:
    """A row for each kind, and one for the plain questions (answerable and paraphrase) together."""
    kinds = list(dict.fromkeys(result.kind for result in results))
    groups: dict[str, set[str]] = {kind: {kind} for kind in kinds}
    if {"answerable", "paraphrase"} <= set(kinds):
        groups = {"answerable + paraphrase": {"answerable", "paraphrase"}} | groups
    return [row(name, [result for result in results if result.kind in members]) for name, members in groups.items()]


def row(group: str, results: Sequence[Result]) -> Row:
    docs = Ranks(tuple(result.doc_rank for result in results if result.wants_docs))
    quotes = Ranks(tuple(result.quote_rank for result in results if result.wants_quotes))
    return Row(
        group=group,
        n=len(results),
        doc_recall_5=docs.recall_at(5),
        doc_recall_10=docs.recall_at(10),
        doc_mrr=docs.mrr,
        quote_recall_5=quotes.recall_at(5),
        quote_recall_10=quotes.recall_at(10),
        quote_mrr=quotes.mrr,
        right=share(result.is_right for result in results),
        refused=share(result.is_refused for result in results),
        latency_ms=mean([result.latency_ms for result in results]),
    )


HEAD = ("group", "n", "doc R@5", "R@10", "MRR", "quote R@5", "R@10", "MRR", "right", "refused", "ms")


def table(rows: Sequence[Row]) -> str:
    """The figures as a Markdown table. `right`: has what it must; for unanswerable questions: refused."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for one in rows:
        group, n, *figures, latency_ms = asdict(one).values()
        lines.append(
            "| "
            + " | ".join([group, str(n), *("–" if x is None else f"{x:.3f}" for x in figures), f"{latency_ms:.0f}"])
            + " |"
        )
    return "\n".join(lines)


def as_json(rows: Sequence[Row], results: Sequence[Result]) -> dict[str, Any]:
    return {"summary": [asdict(one) for one in rows], "results": [asdict(result) for result in results]}
