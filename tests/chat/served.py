"""A web process of its own, as `serve` starts it, on the tests' database: for clients that speak real HTTP."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.db import connection

from askacme.config import BASE_DIR
from askacme.serve.programs import environment
from tests.serve.running import eventually, free_port


@contextmanager
def web_process(**settings: str) -> Iterator[str]:
    """Gives its address. `settings` are environment variables."""
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    command = (sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", port, "askacme.asgi:application")
    log = Path(os.environ["ASKACME_VAR"]) / f"web-{port}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=BASE_DIR,
            env=environment() | {"DATABASE_URL": database, "ASKACME_LOG_LEVEL": "WARNING"} | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        assert eventually(lambda: is_there(url)), log.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(20)


def is_there(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=1).text == "ok"
    except httpx.TransportError:
        return False
