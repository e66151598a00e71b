"""What happened on the way of one answer: its stages, when each began, how long it took, what it decided."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Span:
    """One stage. In milliseconds from the moment the question was taken in; `detail` is what it decided, as JSON."""

    name: str
    start_ms: int
    ms: int = 0
    detail: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        told = {"name": self.name, "start_ms": self.start_ms, "ms": self.ms}
        return {**told, "detail": self.detail} if self.detail else told


@dataclass(slots=True)
class Trace:
    """Stages in the order they began. Starts counting when made."""

    started: float = field(default_factory=time.perf_counter)
    spans: list[Span] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[Span]:
        """The span, for the stage to leave in `detail` what it decided."""
        span = Span(name, self.elapsed_ms())
        self.spans.append(span)
        try:
            yield span
        finally:
            span.ms = self.elapsed_ms() - span.start_ms

    def elapsed_ms(self) -> int:
        return round((time.perf_counter() - self.started) * 1000)

    def as_json(self) -> list[dict[str, Any]]:
        return [span.as_json() for span in self.spans]
