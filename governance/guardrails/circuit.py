"""
A circuit for one guard: after failures in a row nobody waits for it, and one question at a time tries it again.

Closed, open, half-open, as in M. Nygard, Release It!; one for each guard and process: a guard is code of this process.
"""

import time
from collections.abc import Callable

FAILURES_IN_A_ROW = 3
COOL_DOWN_S, LONGEST_COOL_DOWN_S = 2.0, 30.0
"""How long it stays open: twice as long after each probe that fails."""


class Circuit:
    """Not thread-safe: the event loop asks and tells."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._cool_down_s = COOL_DOWN_S
        self._open_until = 0.0

    @property
    def state(self) -> str:
        if self._failures < FAILURES_IN_A_ROW:
            return "closed"
        return "open" if self._now() < self._open_until else "half-open"

    def lets_through(self) -> bool:
        """Whether to ask the guard. Half-open, the first who comes is the probe; the others wait for what it finds."""
        if self.state == "half-open":
            self._open_until = self._now() + self._cool_down_s
            return True
        return self.state == "closed"

    def worked(self) -> None:
        self._failures, self._cool_down_s = 0, COOL_DOWN_S

    def failed(self) -> None:
        """One that fails after it has opened is the probe, or was under way already: both say that it is not mended."""
        was_open = self._failures >= FAILURES_IN_A_ROW
        self._failures += 1
        if self._failures < FAILURES_IN_A_ROW:
            return
        if was_open:
            self._cool_down_s = min(2 * self._cool_down_s, LONGEST_COOL_DOWN_S)
        self._open_until = self._now() + self._cool_down_s
