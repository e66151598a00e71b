"""The prompt that is in force."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Prompt:
    """`version` is `<name>@<number>`: it stands with every answer and every call that used it."""

    version: str
    text: str


@cache
def answer_prompt() -> Prompt:
    return Prompt("answer@1", (HERE / "answer.txt").read_text(encoding="utf-8").strip())
