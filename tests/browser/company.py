"""A running company: `manage.py serve` as a person would start it, with its own database, Redis and worker."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from askacme.serve.embedded import at, stop
from tests.llm_simulator import Simulator
from tests.serve.running import Serve, eventually, free_port, manage, without_servers

FOUND = "from tests.browser.founding import found_company; found_company()"


@dataclass
class Company:
    """`sessions` holds what the browser kept of each person's sign-in."""

    serve: Serve
    environment: dict[str, str]
    sessions: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.serve.url

    @contextmanager
    def worker_held_up(self) -> Iterator[None]:
        """As if the worker had a lot to do: what is queued stays queued."""
        workers = [child for child in self.serve.children() if "worker" in child.cmdline()]
        assert workers
        for worker in workers:
            worker.suspend()
        try:
            yield
        finally:
            for worker in workers:
                worker.resume()


@dataclass(frozen=True)
class SlowModel:
    """A second web process of the company, whose answers come from a model that says what a test wants."""

    serve: Serve
    simulator: Simulator

    @property
    def url(self) -> str:
        return self.serve.url


@contextmanager
def running_company(var: Path) -> Iterator[Company]:
    environment = without_servers(var) | {"ASKACME_SECRET_KEY": "shared by the processes of one company"}
    try:
        with running(environment) as serve:
            founded = manage(environment, "shell", "-v0", "-c", FOUND)
            assert founded.returncode == 0, founded.stderr
            yield Company(serve, environment)
    finally:
        stop([*at(var)])


@contextmanager
def running_slow_model(company: Company, simulator: Simulator, var: Path) -> Iterator[SlowModel]:
    """Shares the company's database and Redis, as a second machine would; its sign-ins hold here, too."""
    postgres, redis = at(company.serve.var)
    model = {"name": "slow", "kind": "openai", "base_url": simulator.base_url, "models": {"fast": "slow-1"}}
    environment = company.environment | {
        "ASKACME_VAR": str(var),
        "PORT": str(free_port()),
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "ASKACME_LLM_PROVIDERS": json.dumps([model]),
        "ASKACME_RATE_LIMITS": "off",
    }
    with running(environment, "--no-worker") as serve:
        yield SlowModel(serve, simulator)


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[Serve]:
    var = Path(environment["ASKACME_VAR"])
    var.mkdir(parents=True)
    serve = Serve(environment, *arguments)
    try:
        assert eventually(serve.is_ready), serve.log.read_text()
        yield serve
    finally:
        serve.process.terminate()
        serve.process.wait(30)


def own_var(name: str) -> Path:
    """A folder for a company's data, inside the test session's."""
    return Path(os.environ["ASKACME_VAR"]) / "own" / name


def is_loopback(host: str | None) -> bool:
    return host in {"127.0.0.1", "localhost", "::1"}
