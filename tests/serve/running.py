"""`manage.py` and its `serve` as processes of their own, as a person would run them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from askacme.config import BASE_DIR
from askacme.serve.processes import working_in

START_TIMEOUT_S = 60.0


def without_servers(var: Path) -> dict[str, str]:
    """The environment of a person who has neither database nor Redis."""
    borrowed = {"DATABASE_URL", "REDIS_URL", "PYTEST_VERSION", "PYTEST_CURRENT_TEST"}
    kept = {name: value for name, value in os.environ.items() if name not in borrowed}
    return kept | {"ASKACME_VAR": str(var), "PORT": str(free_port())}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
        check=False,
    )


def eventually(holds: Callable[[], bool], timeout_s: float = START_TIMEOUT_S) -> bool:
    until = time.monotonic() + timeout_s
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def alive(processes: list[psutil.Process], timeout_s: float = 2) -> list[psutil.Process]:
    """Those that still run after `timeout_s`; the dead whom their parent hasn't buried yet don't."""

    def running() -> list[psutil.Process]:
        return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]

    eventually(lambda: not running(), timeout_s)
    return running()


class Serve:
    """A running `manage.py serve`."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self.var = Path(environment["ASKACME_VAR"])
        self.url = f"http://127.0.0.1:{environment['PORT']}"
        self.log = self.var / "serve.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", *arguments],
                cwd=BASE_DIR,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1).text == "ok"
        except httpx.TransportError:
            return False

    def is_ready(self) -> bool:
        return "AskAcme is ready" in self.log.read_text()

    def children(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def words(self) -> set[str]:
        """The arguments of its child processes."""
        return {word for child in self.children() for word in child.cmdline()}

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(START_TIMEOUT_S)

    def services(self) -> list[psutil.Process]:
        return [
            *working_in(self.var / "postgres", "postgres"),
            *working_in(self.var / "redis", "redis-server"),
        ]
