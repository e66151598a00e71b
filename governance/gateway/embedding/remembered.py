"""What was asked for lately: several stages of one answer need the vector of the same question."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """
    The latest `most` results by text. Safe to call from several threads: who asks while another computes waits for it.

    In this process's memory only, and never a failure.
    """

    def __init__(self, make: Callable[[str], Value], most: int = 256) -> None:
        self._make = make
        self._most = most
        self._known: OrderedDict[str, Future[Value]] = OrderedDict()
        self._changing = threading.Lock()

    def of(self, text: str) -> Value:
        """Raises what `make` raised; whoever asks next tries anew."""
        with self._changing:
            future = self._known.get(text)
            if is_mine := future is None:
                future = self._known[text] = Future[Value]()
                if len(self._known) > self._most:
                    self._known.popitem(last=False)
            else:
                self._known.move_to_end(text)
        if is_mine:
            self._compute(text, future)
        return future.result()

    def forget(self) -> None:
        with self._changing:
            self._known.clear()

    def _compute(self, text: str, future: Future[Value]) -> None:
        try:
            future.set_result(self._make(text))
        except BaseException as error:  # those who wait get it too
            with self._changing:
                self._known.pop(text, None)
            future.set_exception(error)
