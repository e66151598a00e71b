"""
The small language in which patterns are written, and how they are looked for.

One phrase a line, in the words that `alphabets.words_of` gives: lower case, single spaces, no signs. `*` is any ending,
`…` up to 40 characters, `<name>` a list of words that is given; the rest is a regular expression. An indented line goes
on where the one above it ended.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from governance.guardrails.signals.readings import Readings

_NAME = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Family:
    """Phrases of one kind, under the name that judgements give as a signal."""

    name: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Found:
    """Families of which something stands in the text, and those that stand in it in code only, with how."""

    plain: frozenset[str]
    hidden: Mapping[str, str]

    def __contains__(self, name: object) -> bool:
        return name in self.plain or name in self.hidden


def family(name: str, lines: str, lists: Mapping[str, str] | None = None) -> Family:
    whole = re.sub(r"\n +", " ", re.sub(r"(?<=\|)\n +", "", lines.strip()))
    return Family(name, re.compile("|".join(_phrase(line, lists or {}) for line in whole.splitlines())))


def _phrase(line: str, lists: Mapping[str, str]) -> str:
    while _NAME.search(line):
        line = _NAME.sub(lambda name: f"({' '.join(lists[name[1]].split())})", line)
    line = re.sub(r"(?<=\w)\*", r"\\w*", re.sub(r"\((?!\?)", "(?:", line.replace("| ", "|")))
    before, after = ("" if line.startswith("^") else r"\b"), ("" if line.endswith("$") else r"\b")
    return f"{before}{line.replace('…', '.{0,40}?')}{after}"


def look_for(families: Iterable[Family], text: Readings) -> Found:
    """In the text as it stands, and in what it says in code."""
    families = tuple(families)
    plain = frozenset(one.name for one in families if one.pattern.search(text.words))
    hidden = {
        one.name: decoded.how
        for decoded in text.decoded
        for one in families
        if one.name not in plain and one.pattern.search(decoded.words)
    }
    return Found(plain, hidden)
