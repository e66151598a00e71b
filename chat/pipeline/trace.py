"""How long each stage of one answer took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Trace:
    """Stages in the order they ran, in milliseconds. Starts counting when made."""

    started: float = field(default_factory=time.perf_counter)
    stages: list[tuple[str, int]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.stages.append((name, round((time.perf_counter() - begun) * 1000)))

    def elapsed_ms(self) -> int:
        return round((time.perf_counter() - self.started) * 1000)
