import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from askacme.serve.embedded import at, stop
from tests.serve.running import Serve, without_servers


@pytest.fixture
def var(request: pytest.FixtureRequest) -> Iterator[Path]:
    """An `ASKACME_VAR` of its own, whose services are stopped in the end, whatever the test did to them."""
    directory = Path(os.environ["ASKACME_VAR"]) / "own" / request.node.name[:20]
    directory.mkdir(parents=True)
    yield directory
    stop([*at(directory)])


@pytest.fixture
def environment(var: Path) -> dict[str, str]:
    return without_servers(var)


@pytest.fixture
def start_serve(environment: dict[str, str]) -> Iterator[Callable[[], Serve]]:
    started: list[Serve] = []

    def start() -> Serve:
        started.append(Serve(environment))
        return started[-1]

    yield start
    for serve in started:
        serve.process.kill()
        serve.process.wait()
