"""Who is asked next, by the kind of fault."""

import pytest

from governance.gateway.faults import Fault
from governance.gateway.resilience.course import MOST_CALLS, ROUNDS, Course, Reason
from tests.governance.scripted import deployment

FAST, STRONG = deployment("a"), deployment("b", tier="strong")
OTHER, BACKUP = deployment("c"), deployment("d", tier="backup")


def names(course: Course) -> list[str]:
    return [choice.deployment.provider.name for choice in course.open_choices()]


def ask(course: Course, fault: Fault) -> None:
    target = course.open_choices()[0].deployment
    course.called(target)
    course.failed(target, fault)


def test_each_provider_s_model_of_the_tier_comes_first_and_backups_last() -> None:
    assert names(Course("fast", [BACKUP, FAST, OTHER])) == ["a", "c", "d"]


def test_a_provider_without_the_tier_stands_in_with_what_it_has() -> None:
    assert names(Course("strong", [FAST, STRONG])) == ["a", "b"]


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.RATE_LIMITED, Fault.OVERLOADED, Fault.UNAUTHORIZED])
def test_what_is_down_or_limited_is_passed_over_for_the_next(fault: Fault) -> None:
    course = Course("fast", [FAST, OTHER])
    ask(course, fault)
    assert [(choice.deployment, choice.reason) for choice in course.open_choices()] == [(OTHER, Reason.NEXT)]


def test_too_long_an_input_goes_to_the_next_larger_window() -> None:
    small, large = deployment("s", context_tokens=8_000), deployment("l", context_tokens=128_000)
    middle, unknown = deployment("m", context_tokens=32_000), deployment("u")
    course = Course("fast", [small, large, middle, unknown])
    ask(course, Fault.CONTEXT_TOO_LONG)
    assert names(course) == ["m", "l", "u"]
    assert course.open_choices()[0].reason is Reason.LARGER_WINDOW


def test_a_refusal_goes_to_the_strong_models_only() -> None:
    course = Course("fast", [FAST, STRONG, OTHER])
    ask(course, Fault.REFUSED)
    assert [(choice.deployment, choice.reason) for choice in course.open_choices()] == [(STRONG, Reason.STRONGER)]


def test_whoever_may_recover_is_asked_again_in_the_next_round() -> None:
    course = Course("fast", [FAST, OTHER])
    ask(course, Fault.OVERLOADED)
    ask(course, Fault.UNAUTHORIZED)
    assert names(course) == []
    assert course.next_round() is not None
    assert [(choice.deployment, choice.reason) for choice in course.open_choices()] == [(FAST, Reason.RETRY)]


def test_a_wrong_key_is_not_tried_again() -> None:
    course = Course("fast", [FAST])
    ask(course, Fault.UNAUTHORIZED)
    assert course.next_round() is None


def test_the_rounds_end() -> None:
    course = Course("fast", [FAST])
    rounds = 0
    while True:
        ask(course, Fault.OVERLOADED)
        rounds += 1
        if course.next_round() is None:
            break
    assert rounds == ROUNDS


def test_no_request_makes_more_calls_than_it_may() -> None:
    course = Course("fast", [deployment(f"p{number}") for number in range(20)])
    while course.open_choices():
        ask(course, Fault.OVERLOADED)
    assert course.calls == MOST_CALLS
    assert course.next_round() is None
