"""Calls from several threads, run together: one forward pass at a time, whatever waits meanwhile goes into the next."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 8
"""After so many passes without it, a call of the largest size goes before the smallest."""


class Call(Generic[Item, Result]):
    """What one thread asks for, and what came of it."""

    def __init__(self, items: Sequence[Item], size: int) -> None:
        self.items = items
        self.size = size
        self.passed_over = 0
        self.results: Sequence[Result] | None = None
        self.error: BaseException | None = None

    @property
    def is_finished(self) -> bool:
        return self.results is not None or self.error is not None

    def outcome(self) -> Sequence[Result]:
        if self.error is not None:
            raise self.error
        return self.results or ()


class Batcher(Generic[Item, Result]):
    """
    Runs `work` for all who call.

    There is no thread of its own and no wait for company: who finds it idle runs at once, alone; who finds it busy
    waits, and the first to wake runs all that wait, small calls first, up to `max_size`. So questions go between the
    slices of a long text, together.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]], max_size: int) -> None:
        self._work = work
        self._max_size = max_size
        self._waiting: list[Call[Item, Result]] = []
        self._is_busy = False
        self._changed = threading.Condition()

    def run(self, items: Sequence[Item], size: int) -> Sequence[Result]:
        """
        A result for each item.

        `size` says how much work they are, in the unit of `max_size`. Raises what `work` raised.
        """
        call = Call[Item, Result](items, size)
        with self._changed:
            self._waiting.append(call)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: call.is_finished or not self._is_busy)
                if call.is_finished:
                    return call.outcome()
                together = self._take()
                self._is_busy = True
            try:
                self._work_on(together)
            finally:
                with self._changed:
                    self._is_busy = False
                    self._changed.notify_all()

    def _take(self) -> list[Call[Item, Result]]:
        """The next calls to run, out of the waiting ones: at least one."""
        self._waiting.sort(key=lambda call: call.size - call.passed_over * self._max_size / PATIENCE)
        together, size = [self._waiting[0]], self._waiting[0].size
        for call in self._waiting[1:]:
            size += call.size
            if size > self._max_size:
                break
            together.append(call)
        self._waiting = self._waiting[len(together) :]
        for call in self._waiting:
            call.passed_over += 1
        return together

    def _work_on(self, together: Sequence[Call[Item, Result]]) -> None:
        try:
            results = self._work([item for call in together for item in call.items])
        except BaseException as error:  # each of the callers gets it: none may wait for ever
            for call in together:
                call.error = error
            return
        begin = 0
        for call in together:
            call.results = results[begin : begin + len(call.items)]
            begin += len(call.items)
