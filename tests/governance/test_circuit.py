"""A guard's circuit: when it opens, who tries it again, and how long it takes."""

import pytest

from governance.guardrails.circuit import COOL_DOWN_S, FAILURES_IN_A_ROW, LONGEST_COOL_DOWN_S, Circuit


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def broken(clock: Clock) -> Circuit:
    circuit = Circuit(now=clock)
    for _ in range(FAILURES_IN_A_ROW):
        circuit.failed()
    return circuit


def test_single_failures_leave_it_closed(clock: Clock) -> None:
    circuit = Circuit(now=clock)
    for _ in range(10):
        circuit.failed()
        circuit.worked()
    assert circuit.state == "closed"
    assert circuit.lets_through()


def test_failures_in_a_row_open_it(broken: Circuit) -> None:
    assert broken.state == "open"
    assert not broken.lets_through()


def test_after_the_cool_down_one_tries_and_the_others_wait(broken: Circuit, clock: Clock) -> None:
    clock.now += COOL_DOWN_S
    assert broken.state == "half-open"
    assert [broken.lets_through() for _ in range(3)] == [True, False, False]


def test_a_probe_that_works_closes_it(broken: Circuit, clock: Clock) -> None:
    clock.now += COOL_DOWN_S
    assert broken.lets_through()
    broken.worked()
    assert broken.state == "closed"
    assert all(broken.lets_through() for _ in range(3))


def test_a_probe_that_fails_keeps_it_open_for_longer(broken: Circuit, clock: Clock) -> None:
    clock.now += COOL_DOWN_S
    assert broken.lets_through()
    broken.failed()
    clock.now += COOL_DOWN_S
    assert not broken.lets_through()
    clock.now += COOL_DOWN_S
    assert broken.lets_through()


def test_a_probe_that_never_comes_back_is_followed_by_another(broken: Circuit, clock: Clock) -> None:
    clock.now += COOL_DOWN_S
    assert broken.lets_through()
    clock.now += COOL_DOWN_S
    assert broken.lets_through()


def test_it_never_stays_open_for_longer_than_it_may(broken: Circuit, clock: Clock) -> None:
    for _ in range(20):
        broken.failed()
    clock.now += LONGEST_COOL_DOWN_S
    assert broken.lets_through()
