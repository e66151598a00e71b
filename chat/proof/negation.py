"""Whether two sentences say yes and no to the same thing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chat.proof.wording import STOP, WORD, stem, words_of

_NEGATORS = words_of(
    "not no never none nobody nothing neither nor cannot without except excluding isn aren wasn weren don doesn",
    "didn won wouldn couldn shouldn mustn hasn haven hadn nicht kein keine keinen keiner nie ohne",
)
_SAY_NO = frozenset(
    stem(word)
    for word in words_of(
        "prohibited forbidden exempt ineligible unless unable lose forfeit refrain avoid fail failure lack deny",
        "excluded instead verboten",
    )
)
"""Words that say no in a word of their own: what is "prohibited" is "not allowed"."""
_IDIOMS = re.compile(
    r"^\W*(?:no|yes|not yet)\s*[,:–—-]|\bno (?:later|more|less|fewer|longer|sooner|earlier) than\b|\bnot only\b",
    re.IGNORECASE,
)
_UNLIKE = ("un", "in", "im", "non", "dis", "il", "ir")
_CLAUSE_END = re.compile(r"[.;:!?(),]|\b(?:but|however|although|while)\b", re.IGNORECASE)
SCOPE = 4
"""Content words behind a negator that it says no to."""
NEAR = 0.9
"""Sentences of the passage that share this much of what the nearest shares are compared too."""
LEAST_SHARED = 2


@dataclass(frozen=True, slots=True)
class Polarity:
    """
    A sentence's content words as stems; for each negator the words it says no to, nearest first; and all such words.

    `negated` counts words like "prohibited" as negators too.
    """

    stems: frozenset[str]
    scopes: tuple[tuple[str, ...], ...]
    negated: frozenset[str]


def polarity(sentence: str) -> Polarity:
    stems: list[str] = []
    scopes: list[tuple[str, ...]] = []
    negated: set[str] = set()
    for clause in _CLAUSE_END.split(_IDIOMS.sub(" ", sentence)):
        said = [word.lower().replace("’", "'") for word in WORD.findall(clause)]
        for place, word in enumerate(said):
            negates = _negates(word)
            if negates or stem(word) in _SAY_NO:
                scope = _content(said[place + 1 :])[:SCOPE] or _content(said[:place])[: -SCOPE - 1 : -1]
                scopes += [tuple(scope)] if negates else []
                negated.update(scope)
        stems += _content(said)
    return Polarity(frozenset(stems), tuple(scopes), frozenset(negated))


def is_flipped(said: Polarity, passage: Sequence[Polarity]) -> bool:
    """Whether it says no where the passage never does, or the opposite of every sentence that comes near it."""
    if said.scopes and not any(other.negated for other in passage):
        return not any(_unlike(other, said) for other in passage)
    shared = [(_shared(said, other), other) for other in passage]
    most = max((count for count, _ in shared), default=0)
    near = [other for count, other in shared if count >= max(LEAST_SHARED, NEAR * most)]
    return bool(near) and all(_contradict(said, other) for other in near)


def _shared(said: Polarity, other: Polarity) -> int:
    return len(said.stems & other.stems) + len(_unlike(said, other)) + len(_unlike(other, said))


def _contradict(said: Polarity, other: Polarity) -> bool:
    ours, theirs = _unlike(said, other), _unlike(other, said)
    return _denies((*said.scopes, *ours), other, {word for scope in theirs for word in scope}) or _denies(
        (*other.scopes, *theirs), said, {word for scope in ours for word in scope}
    )


def _denies(scopes: Iterable[tuple[str, ...]], other: Polarity, unlike: set[str]) -> bool:
    """Whether one side says no to words that the other says yes to: the nearest that both have decides."""
    negated = other.negated | unlike
    shared = ([word for word in scope if word in other.stems | unlike] for scope in scopes)
    return any(words and words[0] not in negated for words in shared)


def _unlike(one: Polarity, other: Polarity) -> tuple[tuple[str, ...], ...]:
    """ "unpaid" beside "paid"."""
    return tuple(
        (word.removeprefix(prefix),)
        for word in one.stems - other.stems
        for prefix in _UNLIKE
        if word.startswith(prefix) and word.removeprefix(prefix) in other.stems
    )


def _negates(word: str) -> bool:
    return word in _NEGATORS or word.endswith("n't")


def _content(words: list[str]) -> list[str]:
    return [stem(word) for word in words if word not in STOP and not _negates(word)]
