"""What is told of an answer while it is made: numbered events. Nothing here knows about sockets or pages."""

from dataclasses import dataclass
from typing import Any, Literal

EventType = Literal["status", "delta", "proof", "reset", "sources", "done", "error"]

ATTEMPT = 100_000
"""An attempt's events are numbered from the next multiple of this on: more than any before it, whatever they told."""


@dataclass(frozen=True, slots=True)
class Event:
    """
    One step of an answer. `seq` only grows.

    `status` {"stage": "searching" | "writing" | "looking_up"}, or {"stage": "queued", "place"} while it waits for its
    turn; `delta` {"seq", "text"}; `proof` {"seq", "sentence", "start", "end", "state", "cites", "reason"} of a sentence
    that has ended; `reset` {"seq", "text"}: forget what was told, this is the text so far; `sources` {"sources"};
    `done` the whole answer as the API gives it; `error` {"code", "message"}.
    """

    seq: int
    type: EventType
    data: dict[str, Any]

    @property
    def is_last(self) -> bool:
        return self.type in {"done", "error"}


def before(attempt: int) -> int:
    """The number before an attempt's first event. Attempts count from 1."""
    return (attempt - 1) * ATTEMPT


def begins_an_attempt(seq: int) -> bool:
    return seq % ATTEMPT == 1
