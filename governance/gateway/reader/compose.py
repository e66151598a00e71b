"""
The answer: the fewest units that answer, with what they hang on, in the passages' own words.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from governance.gateway.reader.question import Question
from governance.gateway.reader.score import Clue
from governance.gateway.reader.units import Unit, cells
from governance.gateway.reader.words import stems

MAX_QUOTES = 3
MAX_ITEMS = 8
CLOSE = 1.75
"""A unit that scores this much below the best is left out."""
NEWS = 1.0
"""What each word of a manifold question is worth that no chosen unit has spoken of."""
SAME = 0.7
"""Units that share this much of their words (Jaccard) say the same."""

_DANGLING = re.compile(
    r"[\"“*_(]*(?:this|that|these|those|it|its|they|their|them|he|she|such|both|if so|if not|otherwise|however|but|"
    r"and|also|then|instead|therefore|in (?:this|that|these|such) cases?|for example|yes|no)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"(?=.{0,60}$).*\b(?:it|them|they|these|those)\b", re.IGNORECASE)
"""A short sentence with a pronoun anywhere: too short to say itself what it is about."""


def pick(question: Question, ranked: Sequence[Clue]) -> list[Clue]:
    """
    The best clue and those close behind it that add something.

    A question that asks several things at once may take more, and prefers what speaks of words not yet met.
    """
    chosen = [ranked[0]]
    rest = list(ranked[1:])
    met = set(ranked[0].hits)
    bonus = NEWS if question.is_manifold else 0.0
    while rest and len(chosen) < MAX_QUOTES + question.is_manifold:
        best = max(rest, key=lambda clue: clue.score + bonus * len(clue.hits - met))
        if best.score + bonus * len(best.hits - met) < ranked[0].score - CLOSE:
            break
        rest.remove(best)
        if not any(_same(best, other) for other in chosen):
            chosen.append(best)
            met |= best.hits
    return sorted(chosen, key=lambda clue: clue.special)  # the rule before its exceptions


def _same(one: Clue, other: Clue) -> bool:
    """Whether two units say the same. With different numbers they contradict each other: both are worth reading."""
    union, apart = one.stems | other.stems, one.stems ^ other.stems
    if any(char.isdigit() for stem in apart for char in stem):
        return False
    return bool(union) and len(one.stems & other.stems) / len(union) >= SAME


def expand(question: Question, chosen: Sequence[Clue], units: Mapping[int, Sequence[Unit]]) -> list[Unit]:
    """The chosen units with their lead-ins, list items and antecedents, passage by passage in reading order."""
    wanted: dict[tuple[int, int], Unit] = {}
    order: dict[int, int] = {}
    lists = Counter((clue.unit.n, clue.unit.group) for clue in chosen if clue.unit.kind == "item")
    for clue in chosen:
        unit, around = clue.unit, units[clue.unit.n]
        order.setdefault(unit.n, len(order))
        on_topic = lists[unit.n, unit.group] > 1 or not set(stems(unit.heading)).isdisjoint(question.stems)
        whole = question.wants_list and on_topic if unit.kind == "item" else _asks_for_a_column(question, clue)
        pieces = [*(_siblings(unit, around) if whole else ()), *_with_context(question, unit, around)]
        for piece in pieces:
            wanted[piece.n, piece.index] = piece
    return sorted(wanted.values(), key=lambda unit: (order[unit.n], unit.index))


def _asks_for_a_column(question: Question, clue: Clue) -> bool:
    """Whether the words that led to a row are those of its table, so that every row answers."""
    unit = clue.unit
    return unit.kind == "row" and bool(unit.header) and clue.stems.intersection(question.stems) <= clue.topic


def _with_context(question: Question, unit: Unit, around: Sequence[Unit]) -> list[Unit]:
    if unit.introduces:
        below = _below(unit, around)
        return [*_leads(unit, around), unit, *below] if below else []
    if unit.lead is not None and around[unit.lead].introduces:
        siblings = _below(around[unit.lead], around) if question.wants_list else []
        return [*_leads(unit, around), *siblings, unit]
    if unit.index and (_DANGLING.match(unit.text) or _POINTS_BACK.match(unit.text)):
        before = around[unit.index - 1]
        if before.group == unit.group and not before.introduces:
            return [before, unit]
    return [unit]


def _leads(unit: Unit, around: Sequence[Unit]) -> list[Unit]:
    """The lead-ins above a unit, outermost first."""
    found: list[Unit] = []
    while unit.lead is not None and around[unit.lead].introduces:
        unit = around[unit.lead]
        found.insert(0, unit)
    return found


def _below(lead: Unit, around: Sequence[Unit]) -> list[Unit]:
    """The first items or rows below a lead-in; an item that itself leads in comes with its own, or not at all."""
    found: list[Unit] = []
    for unit in around[lead.index + 1 :]:
        if unit.lead == lead.index:
            own = _below(unit, around) if unit.introduces else [unit]
            found += [unit, *own] if unit.introduces and own else own
    found = found[:MAX_ITEMS]
    while found and found[-1].introduces:
        found.pop()
    return found


def _siblings(unit: Unit, around: Sequence[Unit]) -> list[Unit]:
    """The items or rows of the same list or table; none if they are too many to be read."""
    same = [other for other in around if (other.group, other.lead) == (unit.group, unit.lead)]
    return [other for other in same if not other.introduces] if len(same) <= MAX_ITEMS else []


def render(units: Sequence[Unit]) -> str:
    """Markdown; each sentence, list item or table row is followed by its mark."""
    blocks: list[str] = []
    for kind, run in groupby(units, key=lambda unit: (unit.n, unit.group, unit.kind == "sentence")):
        marked = [f"{_shown(unit)} [{unit.n}]" for unit in run]
        blocks.append(" ".join(marked) if kind[2] else "\n".join(f"- {text}" for text in marked))
    return "\n\n".join(blocks)


def _shown(unit: Unit) -> str:
    if unit.kind != "row":
        return unit.text
    values, names = cells(unit.text), cells(unit.header) if unit.header else []
    if len(names) == len(values):
        return " | ".join(
            f"{name}: {value}" if name else value for name, value in zip(names, values, strict=True) if value
        )
    return " | ".join(value for value in values if value)
