"""Calls from several threads, run together: one forward pass at a time, whatever waits meanwhile goes into the next."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 8
"""After so many passes without it, a call of the largest size goes before the smallest."""

IN_A_HURRY = 8
"""A call below this part of the largest size, a question, isn't held up by parts of others: they'd fill its pass."""


class Call(Generic[Item, Result]):
    """What one thread asks for, and what came of it so far."""

    def __init__(self, items: Sequence[Item], sizes: Sequence[int]) -> None:
        self.items = items
        self.sizes = sizes
        self.size = self.left = sum(sizes)
        self.begun = 0
        self.passed_over = 0
        self.results: list[Result] = []
        self.error: BaseException | None = None

    @property
    def is_finished(self) -> bool:
        return self.error is not None or len(self.results) == len(self.items)

    @property
    def has_more(self) -> bool:
        """Whether a part of it is in no pass yet."""
        return self.begun < len(self.items)

    def outcome(self) -> Sequence[Result]:
        if self.error is not None:
            raise self.error
        return self.results

    def take(self, room: int, *, at_least: int) -> Sequence[Item]:
        """The next items, in order, as many as there is room for."""
        begin = self.begun
        while self.has_more and (self.sizes[self.begun] <= room or self.begun < begin + at_least):
            room -= self.sizes[self.begun]
            self.left -= self.sizes[self.begun]
            self.begun += 1
        if self.begun > begin:
            self.passed_over = 0
        return self.items[begin : self.begun]


Share = tuple[Call[Item, Result], Sequence[Item]]


class Batcher(Generic[Item, Result]):
    """
    Runs `work` for all who call.

    There is no thread of its own and no wait for company: who finds it idle runs at once, alone; who finds it busy
    waits, and the first to wake runs what waits, small calls first, up to `max_size`. A large call is run in passes
    of that size, and what is left of one is filled up from the next. So questions go between the passes of a long
    text, together, and no pass is short while more text waits.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]], max_size: int) -> None:
        self._work = work
        self._max_size = max_size
        self._waiting: list[Call[Item, Result]] = []
        self._is_busy = False
        self._changed = threading.Condition()

    def run(self, items: Sequence[Item], sizes: Sequence[int]) -> Sequence[Result]:
        """
        A result for each item.

        `sizes` says how much work each is, in the unit of `max_size`. Raises what `work` raised.
        """
        if not items:
            return []
        call = Call[Item, Result](items, sizes)
        with self._changed:
            self._waiting.append(call)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: call.is_finished or not self._is_busy)
                if call.is_finished:
                    return call.outcome()
                shares = self._take()
                self._is_busy = True
            try:
                self._work_on(shares)
            finally:
                with self._changed:
                    self._is_busy = False
                    self._changed.notify_all()

    def _take(self) -> list[Share[Item, Result]]:
        """What to run next, out of the waiting calls: at least one item."""
        self._waiting.sort(key=self._urgency)
        is_hurried = self._waiting[0].size * IN_A_HURRY < self._max_size
        shares: list[Share[Item, Result]] = []
        room = self._max_size
        for call in self._waiting:
            call.passed_over += 1
        for call in self._waiting:
            if call.left > room and is_hurried and shares:
                break
            before = call.left
            shares.append((call, call.take(room, at_least=0 if shares else 1)))
            room -= before - call.left
            if call.has_more:
                break
        self._waiting = [call for call in self._waiting if call.has_more]
        return [(call, items) for call, items in shares if items]

    def _urgency(self, call: Call[Item, Result]) -> float:
        """The least comes first."""
        return min(call.left, self._max_size) - call.passed_over * self._max_size / PATIENCE

    def _work_on(self, shares: Sequence[Share[Item, Result]]) -> None:
        try:
            results = self._work([item for _, items in shares for item in items])
        except BaseException as error:  # each of the callers gets it: none may wait for ever
            with self._changed:
                for call, _ in shares:
                    call.error = error
                self._waiting = [call for call in self._waiting if not call.is_finished]
            return
        begin = 0
        for call, items in shares:
            call.results += results[begin : begin + len(items)]
            begin += len(items)
