"""
A worker that stops in the middle of its work and says so, to be killed there.

`python -m tests.knowledge.worker_to_kill STAGE VERSION_ID`; prints a line when the stage is reached.
"""

import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import django

django.setup()

from knowledge.ingest import run  # noqa: E402 - needs the apps


def reached(*_arguments: object, **_named: object) -> None:
    print("reached", flush=True)  # noqa: T201 - to the test
    while True:
        signal.pause()


def then_stop(function: Callable[..., Any]) -> Callable[..., None]:
    """The function does its work; nothing comes after."""

    def stopping(*arguments: Any, **named: Any) -> None:
        function(*arguments, **named)
        reached()

    return stopping


def stop_at(stage: str) -> None:
    if stage == "queued":
        replace("claim", lambda _: reached)
    elif stage == "claimed":
        replace("claim", then_stop)
    elif stage == "parsing":
        replace("heard_from", lambda _: reached)  # the first sign of life, while the parser runs
        replace("parse_safely", lambda real: partial(real, parse="tests.knowledge.files:loop"))
    elif stage == "embedding":
        replace("embed_for_all", then_stop)
    elif stage == "publishing":
        replace("store", then_stop)  # inside the transaction, which has begun to write


def replace(name: str, by: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    setattr(run, name, by(getattr(run, name)))


if __name__ == "__main__":
    stop_at(sys.argv[1])
    run.ingest(int(sys.argv[2]))
