"""What nearly every call asks of the database and hardly ever changes, kept in the process for a moment."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """
    The value of `load`, for at most `for_s` seconds.

    Whoever changes what is loaded calls `forget`, so that this process sees it at once; others see it a moment later.
    """

    def __init__(self, load: Callable[[], T], *, for_s: float) -> None:
        self._load = load
        self._for_s = for_s
        self._kept: tuple[float, T] | None = None

    def get(self) -> T:
        kept = self._kept  # read once: another thread may forget it meanwhile
        if kept is None or time.monotonic() > kept[0]:
            kept = self._kept = (time.monotonic() + self._for_s, self._load())
        return kept[1]

    def fresh(self) -> T | None:
        """The value if it is at hand: never asks the database, so the event loop may look."""
        kept = self._kept
        return kept[1] if kept is not None and time.monotonic() <= kept[0] else None

    def forget(self, **_signal: object) -> None:
        """Also as the receiver of a signal."""
        self._kept = None
