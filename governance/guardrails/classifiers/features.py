"""
A question as numbers: what the patterns and the structure say of it, to stand beside its embedding.

The same for each guard, over the guard's own families of phrases: whether each stands in the text, only in quotation
marks or beside what mutes it, or only in code; then the circumstances, the signs and the shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from governance.gateway.types import Vectors
from governance.guardrails.signals import attacks, harms, topics
from governance.guardrails.signals.alphabets import words_of
from governance.guardrails.signals.phrases import Family, Found, look_for
from governance.guardrails.signals.readings import Readings, readings
from governance.guardrails.signals.structure import NAMES, marks_in, shape_of, without_quotes

VERSION = 2
"""Weights fit the features that they were learned with: count up with every change here and in the signals."""

SCALE = 0.5
"""What a sign weighs beside the embedding, whose rows have length 1."""


@dataclass(frozen=True, slots=True)
class Sight:
    """
    What a guard looks for: `families` are reasons of its own, `circumstances` only speak for or against them.

    Beside circumstances that mute, a family counts as if it were quoted: who reports a harm does none.
    """

    families: tuple[Family, ...]
    circumstances: tuple[Family, ...]
    muting: frozenset[str] = frozenset()


SIGHTS = {
    "injection": Sight(attacks.ATTACKS, attacks.CIRCUMSTANCES),
    "harm": Sight(harms.HARMS, harms.CIRCUMSTANCES, frozenset({"victim", "concern"})),
    "topic": Sight(topics.TOPICS, topics.CIRCUMSTANCES),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """
    `numbers` for the classifier; `families` are the reasons found, `signals` all that can be told to people.

    `hidden` is how what was found had been hidden (`base64`, …), empty if it stands in plain sight.
    """

    numbers: tuple[float, ...]
    families: tuple[str, ...]
    signals: tuple[str, ...]
    hidden: str


def look(guard: str, text: str) -> Seen:
    """What one guard's patterns, and the structure, say of a text."""
    sight, read = SIGHTS[guard], readings(text)
    found = look_for(sight.families, read)
    about = look_for(sight.circumstances, Readings(read.plain, read.words, ())).plain
    is_muted = not sight.muting.isdisjoint(about)
    outside = frozenset[str]() if is_muted else _outside_quotes(sight.families, read, found)
    marks = marks_in(text, read)
    names = [family.name for family in sight.families]
    told = [name for name in names if name in found]
    numbers = (
        *(float(name in outside) for name in names),
        *(float(name in found.plain and name not in outside) for name in names),
        *(float(name in found.hidden) for name in names),
        *(float(len(told) >= least) for least in (1, 2, 3)),
        *(float(family.name in about) for family in sight.circumstances),
        *(float(name in marks) for name in NAMES),
        *shape_of(read),
    )
    hidden = "" if found.plain else next(iter(found.hidden.values()), "")
    return Seen(numbers, tuple(told), (*told, *(name for name in NAMES if name in marks)), hidden)


def features(guard: str, texts: Sequence[str]) -> Vectors:
    """float32 array of shape (n_texts, n_signs): the part beside the embedding."""
    return np.array([look(guard, text).numbers for text in texts], np.float32) * SCALE


def _outside_quotes(families: tuple[Family, ...], read: Readings, found: Found) -> frozenset[str]:
    """Families of which something stands outside of quotation marks."""
    rest = without_quotes(read.plain) if found.plain else read.plain
    if rest == read.plain:
        return found.plain
    hit = tuple(family for family in families if family.name in found.plain)
    return look_for(hit, Readings(rest, words_of(rest), ())).plain
