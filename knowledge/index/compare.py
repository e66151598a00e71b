"""Which search index finds more: the same questions, asked of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.access.audience import Audience
from governance.evaluation.golden import GoldenCase
from governance.evaluation.metrics import DEPTH, Ranks, document_tests, first_complete
from knowledge.documents.models import Document
from knowledge.index.models import SearchIndex
from knowledge.search.search import search

PASSAGES = 3 * DEPTH
"""Passages searched for, so that they come from at least ten documents, as a rule."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How well an index found the documents that answer; None without questions."""

    index: SearchIndex
    questions: int
    recall_at_5: float | None
    recall_at_10: float | None
    mrr: float | None


def compare(*, indexes: Sequence[SearchIndex], cases: Sequence[GoldenCase], audience: Audience) -> list[Figures]:
    """Recall and mean reciprocal rank at ten documents (MRR@10) of each index, inside the audience."""
    return [figures_of(index, cases, audience) for index in indexes]


def figures_of(index: SearchIndex, cases: Sequence[GoldenCase], audience: Audience) -> Figures:
    answerable = [case for case in cases if case.gold_docs]
    ranks = Ranks(tuple(rank_of(case, index, audience) for case in answerable))
    return Figures(index, len(answerable), ranks.recall_at(5), ranks.recall_at(DEPTH), ranks.mrr)


def rank_of(case: GoldenCase, index: SearchIndex, audience: Audience) -> int | None:
    hits = search(case.standalone, audience=audience, top=PASSAGES, index=index)
    documents = list(dict.fromkeys(hit.path for hit in hits))
    return first_complete(documents, document_tests(case))


def own_questions(audience: Audience, most: int) -> list[GoldenCase]:
    """Questions that the documents' health cards say they answer: one of each document first, then a second."""
    documents = Document.objects.visible_to(audience).exclude(current=None).order_by("pk")
    known = list(documents.values_list("path", "current__questions"))
    rounds = max((len(questions or ()) for _, questions in known), default=0)
    cases = [
        GoldenCase(id=f"{path}#{turn}", question=questions[turn], kind="own", gold_docs=(path,))
        for turn in range(rounds)
        for path, questions in known
        if turn < len(questions)
    ]
    return cases[:most]
