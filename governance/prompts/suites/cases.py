"""What a case asks, and what its answer must show: frozen values, and their lines in a JSON Lines file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from askacme.lib.errors import InvalidInput

Groups = tuple[tuple[str, ...], ...]
"""Any-of groups: each is a list of wordings of the same thing."""

STATUSES: Mapping[str, frozenset[str]] = {
    "normal": frozenset({"success", "cache_hit"}),
    "no_answer": frozenset({"no_answer"}),
    "adversarial": frozenset({"filtered", "output_filtered", "no_answer"}),
}
"""How an answer to each kind of case ends, where the case says nothing else."""
KNOWN_STATUSES = ("success", "cache_hit", "no_answer", "filtered", "output_filtered", "fallback", "error")

MOST_TIMES = 9
FLOOR = 0.7


@dataclass(frozen=True, slots=True)
class GivenPassage:
    """A passage that stands in the place of what a search would find."""

    title: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked and answered before."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class CaseSpec:
    """
    One question. Without `passages` they are searched for, as for somebody in no group.

    The answer has at least one wording of each group of `must_contain`, and none of any of `must_not_contain`. `cites`
    are document paths, one of which it must lean on. `floor` is the least that a judge may give for `rubric`, 0 to 1.
    """

    key: str
    question: str
    kind: str = "normal"
    passages: tuple[GivenPassage, ...] = ()
    history: tuple[Turn, ...] = ()
    statuses: tuple[str, ...] = ()
    must_contain: Groups = ()
    must_not_contain: Groups = ()
    must_cite: bool = False
    cites: tuple[str, ...] = ()
    max_words: int | None = None
    json_schema: Mapping[str, Any] | None = None
    rubric: str = ""
    floor: float = FLOOR
    tags: tuple[str, ...] = ()
    times: int = 1

    @property
    def expected_statuses(self) -> frozenset[str]:
        return frozenset(self.statuses) or STATUSES[self.kind]

    def as_json(self) -> dict[str, Any]:
        """What differs from the defaults, as a line of a file has it."""
        plain = CaseSpec(self.key, self.question)
        told = asdict(self)
        return {
            each.name: told[each.name]
            for each in fields(self)
            if each.name in {"key", "question"} or getattr(self, each.name) != getattr(plain, each.name)
        }


@dataclass(frozen=True, slots=True)
class Said:
    """
    What the pipeline answered. `sources` are paths of the documents that it cites, `stages` the whole trace.

    `cost_usd` is None when a model that was asked has no price.
    """

    text: str
    status: str
    sources: tuple[str, ...] = ()
    standalone: str = ""
    prompt_version: str = ""
    model: str = ""
    request_id: UUID | None = None
    latency_ms: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)
    confidence: float = 0.0
    stages: Sequence[Mapping[str, Any]] = ()


def load(path: Path) -> list[CaseSpec]:
    """Raises InvalidInput, naming the line, for anything that is no case, or comes twice."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cases = [case_of(line, f"{path.name}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if twice := sorted({case.key for case in cases if [other.key for other in cases].count(case.key) > 1}):
        raise InvalidInput(f"{path.name}: these keys come twice: {', '.join(twice)}.")
    return cases


def case_of(line: str, where: str) -> CaseSpec:
    """Raises InvalidInput."""
    try:
        return from_json(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{where}: not a case ({type(error).__name__}: {error})") from error


def from_json(row: Mapping[str, Any]) -> CaseSpec:
    """Raises TypeError, KeyError or ValueError for what is none."""
    given = dict(row)
    given["passages"] = tuple(GivenPassage(**each) for each in row.get("passages", ()))
    given["history"] = tuple(Turn(**each) for each in row.get("history", ()))
    for name in ("must_contain", "must_not_contain"):
        given[name] = groups_of(row.get(name, ()))
    for name in ("statuses", "cites", "tags"):
        given[name] = tuple(row.get(name, ()))
    case = CaseSpec(**given)
    if case.kind not in STATUSES:
        raise ValueError(f"kind {case.kind!r} is none of {', '.join(STATUSES)}")
    if unknown := set(case.statuses).difference(KNOWN_STATUSES):
        raise ValueError(f"unknown status {', '.join(sorted(unknown))}")
    if not 1 <= case.times <= MOST_TIMES:
        raise ValueError(f"times is between 1 and {MOST_TIMES}")
    return case


def groups_of(given: Iterable[Iterable[str]]) -> Groups:
    return tuple(tuple(group) for group in given)
