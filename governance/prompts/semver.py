"""
Numbers of versions, and which part of it a change should raise.

Semantic versioning (semver.org) read for prompts: callers and suites rely on what a prompt takes and on its rules. So
what takes one away is major, what adds one is minor, other words for the same are a patch.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal, NamedTuple

from askacme.lib.errors import InvalidInput
from governance.prompts.content import Content
from governance.prompts.diff import MOST_PAIRS, likeness
from governance.prompts.template import parse

Level = Literal["major", "minor", "patch"]
NUMBER = re.compile(r"(\d{1,5})\.(\d{1,5})\.(\d{1,5})", re.ASCII)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
MARK = re.compile(r"(?:[-*•]|\d+[.)])\s*")
THE_SAME_RULE = 0.5
"""Least likeness of two sentences for one to be the other in other words."""
SHOWN_CHARS = 80


class Number(NamedTuple):
    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return ".".join(map(str, self))

    def raised(self, level: str) -> "Number":
        if level == "major":
            return Number(self.major + 1, 0, 0)
        return Number(self.major, self.minor + 1, 0) if level == "minor" else self._replace(patch=self.patch + 1)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`reasons` say in words what was taken away or added; none when only words changed."""

    level: Level
    reasons: tuple[str, ...] = ()


def number_from(text: str) -> Number:
    """
    "1.2.3" as a number.

    Raises InvalidInput.
    """
    found = NUMBER.fullmatch(text)
    if found is None:
        raise InvalidInput(f"“{text}” is no version. A version is three numbers, such as 1.2.0.")
    return Number(*map(int, found.groups()))


def suggest(before: Content, after: Content) -> Suggestion:
    """Which part of the number the change should raise, and why."""
    had, has = set(parse(before.text).names), set(parse(after.text).names)
    gone, come = unmatched(rules_in(before.text), rules_in(after.text))
    taken = [f"no longer uses {{{{ {name} }}}}" for name in sorted(had - has)]
    taken += [f"a rule is gone: “{shortened(rule)}”" for rule in gone]
    if taken:
        return Suggestion("major", tuple(taken))
    added = [f"now uses {{{{ {name} }}}}" for name in sorted(has - had)]
    added += [f"a rule is new: “{shortened(rule)}”" for rule in come]
    added += [f"{what} changed" for what in changed_settings(before, after)]
    return Suggestion("minor", tuple(added)) if added else Suggestion("patch")


def changed_settings(before: Content, after: Content) -> list[str]:
    settings = {
        "the tier": before.tier != after.tier,
        "the temperature": before.temperature != after.temperature,
        "the longest answer": before.max_output_tokens != after.max_output_tokens,
    }
    return [name for name, is_changed in settings.items() if is_changed]


def rules_in(text: str) -> list[str]:
    """Its sentences and list items, without numbers and bullets."""
    parts = (MARK.sub("", part.strip(), count=1) for part in SENTENCE_END.split(text))
    return [" ".join(part.split()) for part in parts if part.strip()]


def unmatched(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    """Rules of each side without a counterpart; each counts for one, the likest pairs first."""
    gone, come = (
        list((Counter(before) - Counter(after)).elements()),
        list((Counter(after) - Counter(before)).elements()),
    )
    if len(gone) * len(come) > MOST_PAIRS:
        return gone, come
    pairs = [(likeness(old, new), i, j) for i, old in enumerate(gone) for j, new in enumerate(come)]
    old_ones, new_ones = set(range(len(gone))), set(range(len(come)))
    for worth, i, j in sorted(pairs, reverse=True):
        if worth >= THE_SAME_RULE and i in old_ones and j in new_ones:
            old_ones.remove(i)
            new_ones.remove(j)
    return [gone[i] for i in sorted(old_ones)], [come[j] for j in sorted(new_ones)]


def shortened(rule: str) -> str:
    return rule if len(rule) <= SHOWN_CHARS else f"{rule[:SHOWN_CHARS].rsplit(' ', 1)[0]} …"
