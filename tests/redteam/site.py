"""
AskAcme's web process for the red team: as `serve` starts it, or with floors of relevance out of the way.

Nearly every attack is about nothing that the documents treat, so no model would be asked, whatever the guards say.
Without floors each question finds passages, and what stops an attack is a guard.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import chat.pipeline.guard
import chat.pipeline.retrieve
from askacme.config import BASE_DIR
from askacme.serve.programs import environment
from tests.chat.served import is_there
from tests.serve.running import eventually, free_port

FLOORS = "REDTEAM_FLOORS"
TIMEOUT_S = 180.0


class Floors(StrEnum):
    NONE = "none"
    TOPIC = "topic"
    """The topic guard's alone."""
    ALL = "all"


def lower(floors: Floors) -> None:
    if floors is not Floors.ALL:
        chat.pipeline.retrieve.IRRELEVANT = 0.0
    if floors is Floors.NONE:
        chat.pipeline.guard.IRRELEVANT = 0.0


@contextmanager
def site(base_url: str, floors: Floors) -> Iterator[str]:
    """Its address; the model at `base_url` answers. Nobody is limited, and what nothing proves is only marked."""
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    model = {"name": "naive", "kind": "openai", "base_url": base_url, "models": {"fast": "naive-1"}}
    settings = {
        "ASKACME_LLM_PROVIDERS": json.dumps([model]),
        "ASKACME_RATE_LIMITS": "off",
        "ASKACME_UNPROVED": "mark",
        "ASKACME_MAX_QUESTION_CHARS": "20000",
        FLOORS: str(floors),
    }
    command = (
        sys.executable,
        "-m",
        "daphne",
        "-v",
        "0",
        "-b",
        "127.0.0.1",
        "-p",
        port,
        "tests.redteam.asgi:application",
    )
    log = Path(os.environ["ASKACME_VAR"]) / f"site-{floors}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=BASE_DIR, env=environment() | settings, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        assert eventually(lambda: is_there(url), TIMEOUT_S), log.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(20)
