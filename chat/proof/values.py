"""One sentence of an answer, judged."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Plain: nothing is to be proved (a heading, "Yes.", a question back), or another system vouches for it."""

    PROVED = "proved"
    UNPROVED = "unproved"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Sentence:
    """
    Characters `start` to `end` of the answer's text, and whether the passages it cites prove them.

    `index` counts the sentences of `askacme.lib.sentences.spans` over the whole text, from 0. `cites` are the marks it
    was judged by. `reason` says in words why it is not proved, or what else vouches for it.
    """

    index: int
    start: int
    end: int
    state: State
    cites: tuple[int, ...] = ()
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "cites": list(self.cites), "state": str(self.state)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Sentence":
        """As it is stored with the answer, or told by an event (which names the index `sentence`)."""
        index = told["sentence"] if "sentence" in told else told["index"]
        return cls(index, told["start"], told["end"], State(told["state"]), tuple(told["cites"]), told["reason"])
