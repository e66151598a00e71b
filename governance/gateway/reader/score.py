"""
How well each unit of the passages answers a question, from its meaning, its words and its shape.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from governance.gateway.reader.calibration import GLANCE, RANKING
from governance.gateway.reader.question import Question
from governance.gateway.reader.units import Unit
from governance.gateway.reader.words import nearest, plain, stems, weight
from governance.gateway.types import Embed, Passage

Units = Mapping[int, Sequence[Unit]]
"""The units of each passage, by its number."""

MAX_EMBEDDED = 20
"""Units that are compared by meaning; what a glance at the words puts behind these has no chance of winning."""

MAX_CONTEXT_CHARS = 240
MAX_QUESTION_CHARS = 1000
"""Longer texts cost time, and the embedding model cuts them anyway."""

STUB_WORDS = 5
CONDITION = re.compile(r"\b(?:if|when|unless|in case)\b", re.IGNORECASE)
LABEL = re.compile(r"[*_]*([^\W\d_][^:.;!?]{0,40}):[*_]*\s")
"""What an item is about, before its colon: "Singapore: …"."""


@dataclass(frozen=True, slots=True)
class Clue:
    """
    A unit as evidence. Shares are of the weight of the question's words, 0 to 1; `similarity` is a cosine.

    `covered` counts the words in the unit, `near` adds the sentence before it or its lead-in, `placed` its lead-in,
    heading and title. `hits` are the question's stems that are near, `topic` the stems of heading and title. `special`
    marks a unit about a special case ("If …", "Singapore: …") when the question names none. `answers` says whether the
    type of answer asked for is in it; None if no certain type is.
    """

    unit: Unit
    context: str
    stems: frozenset[str]
    covered: float
    near: float
    placed: float
    hits: frozenset[str]
    topic: frozenset[str]
    special: bool
    answers: bool | None
    similarity: float = 0.0
    score: float = 0.0

    def scored(self, coefficients: Mapping[str, float], similarity: float = 0.0, stands_out: float = 0.0) -> "Clue":
        features = {
            "stands_out": stands_out,
            "covered": self.covered,
            "near": self.near,
            "placed": self.placed,
            "lacks": float(self.answers is False),
            "stub": float(len(self.unit.text.split()) < STUB_WORDS),
            "asks": float(self.unit.text.rstrip("*_ ").endswith("?")),
            "fragment": float(self.unit.text[:1].islower() and self.unit.kind == "sentence"),
            "special": float(self.special),
            "rank": math.log(max(1, self.unit.n)),
        }
        score = sum(coefficients[name] * features[name] for name in coefficients)
        return replace(self, similarity=similarity, score=score)


class Terms:
    """The stems of a question, typos mended by the passages' own words, weighted by their rarity there."""

    def __init__(self, question: Question, units: Sequence[frozenset[str]], known: Set[str]) -> None:
        frequency = Counter(word for unit in units for word in unit)
        self.weights: dict[str, float] = {}
        for word in question.stems:
            term = word if word in known or len(word) < 4 else nearest(word, known) or word
            self.weights[term] = weight(term) * math.log(1 + (len(units) + 1) / (frequency[term] + 0.5))
        self.total = sum(self.weights.values()) or 1.0

    def share(self, words: frozenset[str]) -> float:
        return sum(value for word, value in self.weights.items() if word in words) / self.total


@dataclass(frozen=True, slots=True)
class Ranking:
    """
    The likeliest units, best first, and what speaks against the best one.

    `stray` is the sum, over the question's content words, of the cosine the best unit would gain if the question
    lacked that word (0 or less): words about something else pull the question away from the unit.
    """

    clues: tuple[Clue, ...]
    stray: float


def rank(question: Question, passages: Sequence[Passage], units: Units, embed: Embed) -> Ranking | None:
    """Compares the most promising units with the question, in one call of `embed`; None if there is no unit."""
    promising = sorted(clues(question, passages, units), key=lambda clue: -clue.score)[:MAX_EMBEDDED]
    if not promising:
        return None
    asked = [text[:MAX_QUESTION_CHARS] for text in (question.text, *question.without_each)]
    vectors = embed([*asked, *(clue.context for clue in promising)])
    cosines = vectors[: len(asked)] @ vectors[len(asked) :].T
    similarities = cosines[0]
    stand_out = (similarities - similarities.mean()) / (similarities.std() + 0.01)
    scored = [
        clue.scored(RANKING, float(similarity), float(beyond))
        for clue, similarity, beyond in zip(promising, similarities, stand_out, strict=True)
    ]
    order = sorted(range(len(scored)), key=lambda i: -scored[i].score)
    stray = float(np.minimum(similarities[order[0]] - cosines[1:, order[0]], 0).sum())
    return Ranking(tuple(scored[i] for i in order), stray)


def clues(question: Question, passages: Sequence[Passage], units: Units) -> list[Clue]:
    """Every unit of the passages that can stand in an answer, each text once, scored at a glance."""
    seen: dict[str, tuple[Passage, Unit, Unit | None]] = {}
    known: set[str] = set()
    for passage in passages:
        known.update(stems(f"{passage.title} {passage.heading} {plain(passage.text)}"))
        leads = {unit.lead for unit in units[passage.n]}
        for unit in units[passage.n]:
            if not unit.introduces or unit.index in leads:
                seen.setdefault(unit.text, (passage, unit, _before(unit, units[passage.n])))
    own = {text: frozenset(stems(plain(text))) for text in seen}
    terms = Terms(question, list(own.values()), known)
    return [_clue(question, terms, passage, unit, before, own[text]) for text, (passage, unit, before) in seen.items()]


def _before(unit: Unit, units: Sequence[Unit]) -> Unit | None:
    """What a unit is read after: the lead-in of its list, or the sentence before it in its paragraph."""
    if unit.lead is not None:
        return units[unit.lead]
    previous = units[unit.index - 1] if unit.index else None
    return previous if previous is not None and previous.group == unit.group and unit.kind == "sentence" else None


def _clue(
    question: Question,
    terms: Terms,
    passage: Passage,
    unit: Unit,
    before: Unit | None,
    own: frozenset[str],
) -> Clue:
    text = plain(unit.text)
    read_after = plain(before.text) if before else ""
    about = f"{passage.title}. {unit.heading}." if unit.heading else f"{passage.title}."
    lead = f"{read_after if unit.lead is not None else ''} {plain(unit.header)}".strip()
    near = own.union(stems(f"{read_after} {lead}"))
    return Clue(
        unit=unit,
        context=" ".join(f"{about} {lead} {text}".split())[:MAX_CONTEXT_CHARS],
        stems=own,
        covered=terms.share(own.union(stems(plain(unit.header)))),
        near=terms.share(near),
        placed=terms.share(near.union(stems(about))),
        hits=near.intersection(terms.weights),
        topic=frozenset(stems(about)),
        special=_is_special(question, unit, text),
        answers=question.answered_by(text),
    ).scored(GLANCE)


def _is_special(question: Question, unit: Unit, text: str) -> bool:
    """Whether the unit speaks of a case that the question does not name: behind a condition, or under a label."""
    if not CONDITION.search(question.text) and CONDITION.match(text):
        return True
    label = LABEL.match(unit.text) if unit.kind == "item" else None
    return label is not None and set(stems(label[1])).isdisjoint(question.stems)
