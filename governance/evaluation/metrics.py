"""Figures of merit for rankings and answers."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from governance.evaluation.golden import GoldenCase

DEPTH = 10
Item = TypeVar("Item")


def squash(text: str) -> str:
    """Letters and digits only, lower case: what is left when markup, spacing and hyphens drop out."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())


def first_complete(ranking: Sequence[Item], wanted: Sequence[Callable[[Item], bool]]) -> int | None:
    """The rank, from 1, at which every wanted thing has been seen; None if the first ten don't show them all."""
    missing = list(wanted)
    for rank, item in enumerate(ranking[:DEPTH], 1):
        missing = [is_found for is_found in missing if not is_found(item)]
        if not missing:
            return rank
    return None


@dataclass(frozen=True, slots=True)
class Ranks:
    """How a set of questions was ranked."""

    ranks: tuple[int | None, ...]

    def recall_at(self, k: int) -> float | None:
        return share(rank is not None and rank <= k for rank in self.ranks) if self.ranks else None

    @property
    def mrr(self) -> float | None:
        return mean([1 / rank if rank else 0.0 for rank in self.ranks]) if self.ranks else None


def document_tests(case: GoldenCase) -> list[Callable[[str], bool]]:
    """What the ranked documents must show: each gold document; a single one may be replaced by an alternative."""
    if len(case.gold_docs) == 1:
        return [{*case.gold_docs, *case.alt_docs}.__contains__]
    return [{gold}.__contains__ for gold in case.gold_docs]


def quote_tests(case: GoldenCase) -> list[Callable[[str], bool]]:
    """What the ranked texts, squashed, must show: each gold quote."""
    return [partial(is_within, squash(quote)) for quote in case.gold_quote]


def is_within(part: str, whole: str) -> bool:
    return part in whole


def contains_all(answer: str, must_contain: Sequence[Sequence[str]]) -> bool:
    """At least one string of each group stands in the answer, whatever the case."""
    folded = " ".join(answer.lower().split())
    return all(any(" ".join(option.lower().split()) in folded for option in group) for group in must_contain)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def share(flags: Iterable[bool]) -> float:
    return mean([float(flag) for flag in flags])
