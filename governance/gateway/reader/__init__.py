"""
The built-in reader: answers a question by quoting the sentences of the passages that answer it.

It needs no key and no network, costs nothing and never invents: all it says stands in a passage, word for word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.gateway.reader import calibration
from governance.gateway.reader.compose import expand, pick, render
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
    ranking = rank(asked, passages, embed) if asked.stems else None
    if ranking is None:
        return Reading("", 0.0, ())
    units = {passage.n: units_of(passage) for passage in passages}
    quotes = expand(asked, pick(asked, ranking.clues), units)
    confidence = 1.0
    if confidence < calibration.FLOOR or not quotes:
        return Reading("", confidence, ())
    return Reading(render(quotes), confidence, tuple(dict.fromkeys(unit.n for unit in quotes)))
