"""How sure an answer is, as a number and in words with a reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.proof.reasons import in_words
from chat.proof.values import Sentence, State
from chat.proof.wording import plain

UNSURE = 0.6
"""Confidence below which even a proved answer may not be the answer to the question."""
MOSTLY = 0.5
"""Share of sentences with proof below which the answer is uncertain."""
MOST_TITLES = 2
_GAP = re.compile(r" (?=[.,;:!?])")


class Level(StrEnum):
    WELL = "well"
    PARTLY = "partly"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Assurance:
    """`doubts` are the sentences without proof, as (what the answer says, why it is not proved)."""

    level: Level
    title: str
    reason: str
    doubts: tuple[tuple[str, str], ...] = ()


def confidence(sentences: Sequence[Sentence], *, relevance: float, told: float | None) -> float:
    """
    0 … 1: how likely the answer is right.

    `told` is the provider's own calibrated figure (the reader's); it is kept as it is for an answer that is proved
    throughout. Without one, what retrieval knows stands in: `relevance` is the probability that the passages answer
    the question, counted half, because a model that finds no answer says so. Either shrinks with the share of
    sentences that are proved.
    """
    claims = [sentence for sentence in sentences if stands_or_falls(sentence)]
    stand = sum(sentence.state is not State.UNPROVED for sentence in claims)
    share = stand / len(claims) if claims else 0.0
    return round((told if told is not None else (1 + relevance) / 2) * share, 3)


def stands_or_falls(sentence: Sentence) -> bool:
    """Whether it claims something: a passage proves it or not, or another system vouches for it."""
    return sentence.state is not State.PLAIN or bool(sentence.reason)


def assurance(
    text: str, sentences: Sequence[Sentence], *, confidence: float | None, titles: Sequence[str]
) -> Assurance | None:
    """The words that stand below an answer; `titles` are its sources. None when it claims nothing."""
    claims = [sentence for sentence in sentences if sentence.state is not State.PLAIN]
    doubtful = [sentence for sentence in claims if sentence.state is State.UNPROVED]
    if not claims:
        vouched = next((sentence.reason for sentence in sentences if sentence.reason), "")
        return Assurance(Level.WELL, _("Looked up"), in_words(vouched)) if vouched else None
    doubts = tuple((_quoted(text, sentence), in_words(sentence.reason)) for sentence in doubtful)
    if doubtful:
        few = len(doubtful) < len(claims) * MOSTLY
        level, title = (Level.PARTLY, _("Partly supported")) if few else (Level.UNCERTAIN, _("Uncertain"))
        return Assurance(level, title, _without_proof(len(doubtful), len(claims)), doubts)
    if confidence is not None and confidence < UNSURE:
        reason = _("what it says is proved, but it may not be what you asked for")
        return Assurance(Level.UNCERTAIN, _("Uncertain"), reason)
    return Assurance(Level.WELL, _("Well supported"), _proved(len(claims), titles))


def _quoted(text: str, sentence: Sentence) -> str:
    return _GAP.sub("", plain(text[sentence.start : sentence.end]))


def _without_proof(count: int, total: int) -> str:
    if total == 1:
        return _("what it says has no proof")
    return ngettext(
        "%(count)s of %(total)s sentences has no proof", "%(count)s of %(total)s sentences have no proof", count
    ) % {"count": count, "total": total}


def _proved(count: int, titles: Sequence[str]) -> str:
    by = _(" and ").join(titles) if len(titles) <= MOST_TITLES else _("%(count)s documents") % {"count": len(titles)}
    if count == 1:
        return _("proved by %(documents)s") % {"documents": by}
    return _("each of %(count)s sentences is proved by %(documents)s") % {"count": count, "documents": by}
