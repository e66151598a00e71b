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
        first = threads.submit(batcher.run, [0], [1])
        assert gate.began.wait(10)
        calls = [threads.submit(batcher.run, *call) for call in (([1, 2], [5, 5]), ([3], [1]), ([4], [2]))]
        waiting(batcher, 3)
        gate.opened.set()
        assert [list(call.result(10)) for call in (first, *calls)] == [[0], [10, 20], [30], [40]]
    assert [sorted(together) for together in gate.passes] == [[0], [3, 4], [1, 2]]


def test_a_large_call_runs_in_passes_and_the_last_is_filled_up_from_the_next() -> None:
    gate = Gate()
    batcher = Batcher[int, int](gate, max_size=10)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(batcher.run, [0], [10])
        assert gate.began.wait(10)
        smaller = threads.submit(batcher.run, [1, 2, 3], [4, 4, 4])
        waiting(batcher, 1)
        larger = threads.submit(batcher.run, [4, 5, 6, 7], [5, 5, 5, 5])
        waiting(batcher, 2)
        gate.opened.set()
        assert [list(call.result(10)) for call in (first, smaller, larger)] == [[0], [10, 20, 30], [40, 50, 60, 70]]
    assert gate.passes == [[0], [1, 2], [3, 4], [5, 6], [7]]


def test_a_question_is_not_held_up_by_parts_of_a_long_text() -> None:
    gate = Gate()
    batcher = Batcher[int, int](gate, max_size=10)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(batcher.run, [0], [10])
        assert gate.began.wait(10)
        text = threads.submit(batcher.run, [1, 2, 3], [5, 5, 5])
        waiting(batcher, 1)
        question = threads.submit(batcher.run, [4], [1])
        waiting(batcher, 2)
        gate.opened.set()
        assert [list(call.result(10)) for call in (first, text, question)] == [[0], [10, 20, 30], [40]]
    assert gate.passes == [[0], [4], [1, 2], [3]]


def test_small_calls_do_not_keep_a_large_one_waiting_for_ever() -> None:
    gate = Gate()
    gate.opened.set()
    batcher = Batcher[int, int](gate, max_size=10)
    done = threading.Event()

    def ask_on() -> None:
        while not done.is_set():
            batcher.run([1], [1])

    with ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(ask_on) for _ in range(3)]
        large = threads.submit(batcher.run, [2], [10])
        try:
            assert list(large.result(10)) == [20]
        finally:
            done.set()
        for call in asking:
            call.result(10)


def test_an_error_is_not_told_to_a_call_that_found_no_room_in_the_pass() -> None:
    gate = Gate()
    batcher = Batcher[int, int](gate, max_size=10)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(batcher.run, [0], [10])
        assert gate.began.wait(10)
        broken = threads.submit(batcher.run, [13], [8])
        waiting(batcher, 1)
        next_one = threads.submit(batcher.run, [2, 3], [5, 5])
        waiting(batcher, 2)
        gate.opened.set()
        assert list(first.result(10)) == [0]
        with pytest.raises(ValueError, match="thirteen"):
            broken.result(10)
        assert list(next_one.result(10)) == [20, 30]


def test_an_error_reaches_all_who_were_in_the_pass_and_nobody_else() -> None:
    gate = Gate()
    batcher = Batcher[int, int](gate, max_size=10)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(batcher.run, [0], [1])
        assert gate.began.wait(10)
        broken = [threads.submit(batcher.run, [item], [1]) for item in (13, 14)]
        waiting(batcher, 2)
        gate.opened.set()
        assert list(first.result(10)) == [0]
        for call in broken:
            with pytest.raises(ValueError, match="thirteen"):
                call.result(10)
    assert list(batcher.run([5], [1])) == [50]
