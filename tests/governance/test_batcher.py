"""Calls from several threads, run together."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from governance.gateway.embedding.batcher import Batcher


class Gate:
    """Work that notes what it was given together, and stays in its first pass until it is let go."""

    def __init__(self) -> None:
        self.passes: list[list[int]] = []
        self.began = threading.Event()
        self.opened = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.passes.append(list(items))
        self.began.set()
        assert self.opened.wait(10)
        if 13 in items:
            raise ValueError("thirteen")
        return [item * 10 for item in items]


def waiting(batcher: Batcher[int, int], n: int) -> None:
    """Until `n` calls wait."""
    while len(batcher._waiting) < n:  # noqa: SLF001 (what waits is nobody's business but a test's)
        threading.Event().wait(0.001)


def test_what_waits_goes_together_and_large_calls_last() -> None:
    gate = Gate()
    batcher = Batcher[int, int](gate, max_size=10)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(batcher.run, [0], 1)
        assert gate.began.wait(10)
        calls = [threads.submit(batcher.run, items, size) for items, size in (([1, 2], 10), ([3], 1), ([4], 2))]
        waiting(batcher, 3)
        gate.opened.set()
        assert [list(call.result(10)) for call in (first, *calls)] == [[0], [10, 20], [30], [40]]
    assert [sorted(together) for together in gate.passes] == [[0], [3, 4], [1, 2]]


def test_small_calls_do_not_keep_a_large_one_waiting_for_ever() -> None:
    gate = Gate()
    gate.opened.set()
    batcher = Batcher[int, int](gate, max_size=10)
    done = threading.Event()

    def ask_on() -> None:
        while not done.is_set():
            batcher.run([1], 1)

    with ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(ask_on) for _ in range(3)]
        large = threads.submit(batcher.run, [2], 10)
        try:
            assert list(large.result(10)) == [20]
        finally:
            done.set()
        for call in asking:
            call.result(10)


def test_an_error_reaches_all_who_were_in_the_pass_and_nobody_else() -> None:
    gate = Gate()
    batcher = Batcher[int, int](gate, max_size=10)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(batcher.run, [0], 1)
        assert gate.began.wait(10)
        broken = [threads.submit(batcher.run, [item], 1) for item in (13, 14)]
        waiting(batcher, 2)
        gate.opened.set()
        assert list(first.result(10)) == [0]
        for call in broken:
            with pytest.raises(ValueError, match="thirteen"):
                call.result(10)
    assert list(batcher.run([5], 1)) == [50]
