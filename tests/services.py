"""
PostgreSQL and Redis for the tests: real ones, of their own for each session, gone afterwards.

They live in `.test-var/<process id>`, so that sessions can run side by side, and nothing they do touches `var/`.
"""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import psutil

from askacme.serve.embedded import ServiceUrls, at, running_services, stop

TEST_VAR = Path(__file__).resolve().parent.parent / ".test-var"


def start(stack: ExitStack) -> None:
    """
    Start the services and point the environment at them; `stack` ends them.

    Whatever the environment says about a database, Redis or AskAcme is dropped: tests must not reach real data.
    """
    remove_leftovers()
    var = TEST_VAR / str(os.getpid())
    for name in [name for name in os.environ if name.startswith("ASKACME_") or name == "PORT"]:
        del os.environ[name]
    stack.callback(shutil.rmtree, var, ignore_errors=True)
    nobody = ServiceUrls("", "")
    urls = stack.enter_context(running_services(var, nobody, on_start=lambda: None, durable=False))
    os.environ |= {
        "ASKACME_VAR": str(var),
        "DATABASE_URL": urls.database,
        "REDIS_URL": urls.redis,
        "DJANGO_SETTINGS_MODULE": "askacme.settings",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def remove_leftovers() -> None:
    """Clean up after sessions that were killed."""
    for var in TEST_VAR.glob("*"):
        if not psutil.pid_exists(int(var.name)):
            stop([*at(var, durable=False)])
            shutil.rmtree(var, ignore_errors=True)
