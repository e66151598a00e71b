"""
The built-in reader: answers a question by quoting the sentences of the passages that answer it.

It needs no key and no network, costs nothing and never invents: all it says stands in a passage, word for word.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from governance.gateway.reader.calibration import FLOOR, probability
from governance.gateway.reader.compose import expand, pick, render
from governance.gateway.reader.evidence import evidence
from governance.gateway.reader.question import Question
from governance.gateway.reader.score import rank
from governance.gateway.reader.units import units_of
from governance.gateway.types import Embed, Passage

__all__ = ["Reading", "read"]


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What the reader makes of a question.

    `text` is Markdown, each quoted sentence, list item or table row followed by its mark ` [n]`; empty means "I don't
    know". `confidence` is the calibrated probability that the passages answer the question; `quoted` the marks used.
    """

    text: str
    confidence: float
    quoted: tuple[int, ...]


def read(question: str, passages: Sequence[Passage], embed: Embed) -> Reading:
    asked = Question(question)
    units = {passage.n: units_of(passage) for passage in passages}
    ranking = rank(asked, passages, units, embed) if asked.stems else None
    if ranking is None:
        return Reading("", 0.0, ())
    confidence = probability(evidence(asked, ranking))
    if confidence < FLOOR:
        return Reading("", confidence, ())
    quotes = expand(asked, pick(asked, ranking.clues), units)
    if not quotes:
        return Reading("", math.nextafter(FLOOR, 0), ())
    return Reading(render(quotes), confidence, tuple(dict.fromkeys(unit.n for unit in quotes)))
