"""A question's vector, computed once for all stages of its answer."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from governance.gateway.embedding.remembered import Remembered


def counting(made: list[str]) -> Callable[[str], int]:
    def make(text: str) -> int:
        made.append(text)
        return len(text)

    return make


def test_what_was_asked_for_lately_is_computed_once() -> None:
    made: list[str] = []
    remembered = Remembered(counting(made))

    assert [remembered.of("leave"), remembered.of("leave")] == [5, 5]
    assert made == ["leave"]


def test_who_asks_while_another_computes_waits_for_it() -> None:
    made, go_on = [], threading.Event()

    def make(text: str) -> int:
        made.append(text)
        go_on.wait(10)
        return len(text)

    remembered = Remembered[int](make)
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(remembered.of, "leave") for _ in range(4)]
        go_on.set()
        assert [future.result() for future in asked] == [5] * 4
    assert made == ["leave"]


def test_a_failure_is_not_remembered() -> None:
    made: list[str] = []

    def make(text: str) -> int:
        made.append(text)
        if len(made) == 1:
            raise ValueError("away")
        return 7

    remembered = Remembered[int](make)
    with pytest.raises(ValueError, match="away"):
        remembered.of("leave")
    assert remembered.of("leave") == 7


def test_only_the_latest_are_kept() -> None:
    made: list[str] = []
    remembered = Remembered(counting(made), most=2)

    for text in ("a", "b", "a", "c", "a", "b"):
        remembered.of(text)

    assert made == ["a", "b", "c", "b"]
