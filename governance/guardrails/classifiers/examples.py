"""The labelled examples that the guards learn from; all were written for this project."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).with_name("examples.jsonl")
NONE = "none"
"""The label of what a guard has nothing to say of."""
HARD = 0.25
"""The part that is given to questions which only sound like an attack. At work they are far fewer."""


@dataclass(frozen=True, slots=True)
class Example:
    """`label` is what `guard` should say of the text."""

    text: str
    label: str
    guard: str


def examples() -> list[Example]:
    rows = map(json.loads, EXAMPLES.read_text(encoding="utf-8").splitlines())
    return [Example(row["text"], row["label"], row["guard"]) for row in rows]


def asked_by_employees(known: Sequence[Example]) -> dict[str, float]:
    """What people at work ask, with weights of sum 1: `HARD` for all that only sounds like an attack."""
    plain = [one.text for one in known if one.label == "company"]
    hard = [one.text for one in known if (one.guard, one.label) == ("injection", NONE)]
    return dict.fromkeys(plain, (1 - HARD) / len(plain)) | dict.fromkeys(hard, HARD / len(hard))


def lessons(guard: str, known: Sequence[Example]) -> tuple[list[str], list[str]]:
    """Texts and labels for one guard; the examples of the others serve as what it should let through."""
    pairs = [(example.text, label) for example in known for label in _label_for(guard, example)]
    return [text for text, _ in pairs], [label for _, label in pairs]


def _label_for(guard: str, example: Example) -> Iterator[str]:
    """None for a text that two guards may both object to, or that is neither on the topic nor off it."""
    if example.guard == guard:
        yield NONE if example.label == "company" else example.label
    elif example.label == NONE or _is_harmless(guard, example):
        yield NONE


def _is_harmless(guard: str, example: Example) -> bool:
    """Whether what another guard labelled is nothing to this one."""
    if guard == "injection":
        return example.guard == "topic" or example.label == "self_harm"
    return guard == "harm" and example.label != "jailbreak"
