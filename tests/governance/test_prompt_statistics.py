"""What a comparison of two arms concludes, and when it keeps silent."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_ind

from governance.prompts.statistics.arms import NOBODY, Arm
from governance.prompts.statistics.planning import p_value_at_end, people_needed
from governance.prompts.statistics.sequence import UNKNOWN, difference


def arm_of(rate: float, people: int, *, each: int = 1) -> Arm:
    pleased = round(rate * people)
    return Arm.of([each] * pleased + [0] * (people - pleased), [each] * people)


def test_the_mean_is_over_observations_and_the_person_is_the_unit() -> None:
    arm = Arm.of(sums=[9, 0], counts=[9, 1])

    assert (arm.people, arm.mean, arm.observations) == (2, 0.9, 10)


def test_ten_answers_of_one_person_weigh_no_more_than_one_in_the_variance() -> None:
    assert arm_of(0.5, 100, each=10).variance == pytest.approx(arm_of(0.5, 100).variance)


def test_the_variance_is_the_usual_one_when_each_person_counts_once() -> None:
    values = np.random.default_rng(1).normal(5, 2, 50)

    assert Arm.of(values, np.ones(50)).variance == pytest.approx(values.var(ddof=1))


def test_who_was_never_counted_is_left_out() -> None:
    assert Arm.of([1, 0, 7], [1, 0, 7]).people == 2
    assert Arm.of([], []) == NOBODY


def test_a_large_difference_is_found_and_its_direction_is_right() -> None:
    found = difference(arm_of(0.5, 100), arm_of(0.9, 900))

    assert found.is_decided
    assert found.high < 0
    assert found.low < -0.4 < found.high
    assert found.p_value < 0.01


def test_no_difference_is_no_finding() -> None:
    found = difference(arm_of(0.8, 100), arm_of(0.8, 900))

    assert not found.is_decided
    assert found.p_value == 1.0


def test_the_p_value_and_the_interval_agree() -> None:
    for rate in np.linspace(0.5, 0.9, 9):
        found = difference(arm_of(float(rate), 200), arm_of(0.8, 200))
        assert found.is_decided == (found.p_value < 0.05)


def test_a_handful_of_people_concludes_nothing() -> None:
    assert difference(arm_of(0.0, 7), arm_of(1.0, 1000)) == UNKNOWN


def test_a_small_arm_that_agrees_by_luck_is_not_taken_for_certain() -> None:
    all_unhappy, mixed = arm_of(0.0, 8), arm_of(0.5, 1000)

    assert difference(all_unhappy, mixed).high > difference(arm_of(0.0, 80), mixed).high
    assert not difference(all_unhappy, mixed).is_decided


def test_certainty_on_both_sides_is_certainty() -> None:
    assert difference(arm_of(1.0, 20), arm_of(0.0, 20)).is_decided
    assert not difference(arm_of(1.0, 20), arm_of(1.0, 20)).is_decided


def test_looking_after_each_person_is_wrong_no_more_often_than_it_says() -> None:
    random = np.random.default_rng(7)
    wrong = 0
    for _ in range(100):
        first, second = random.random((2, 300)) < 0.7
        wrong += any(
            difference(Arm.of(first[:n], np.ones(n)), Arm.of(second[:n], np.ones(n))).is_decided
            for n in range(10, 301, 5)
        )
    assert (
        wrong <= 8
    )  # at 5 %, more than 8 of 100 come with a probability of 6 %; a fixed interval is wrong some 25 times


def test_the_p_value_at_the_end_is_welch_s() -> None:
    random = np.random.default_rng(3)
    first, second = random.normal(0, 1, 400), random.normal(0.1, 1, 500)

    ours = p_value_at_end(Arm.of(first, np.ones(400)), Arm.of(second, np.ones(500)))

    assert ours == pytest.approx(ttest_ind(first, second, equal_var=False).pvalue, abs=0.002)


def test_a_smaller_effect_and_a_smaller_canary_need_more_people() -> None:
    usual = people_needed(variance=0.16, effect=0.1)

    assert people_needed(variance=0.16, effect=0.05) == pytest.approx(4 * usual, rel=0.01)
    assert people_needed(variance=0.16, effect=0.1, share=0.1) > 2 * usual


@pytest.mark.parametrize(("effect", "share"), [(0.0, 0.5), (0.1, 0.0), (0.1, 1.0)])
def test_a_plan_without_an_effect_or_without_a_second_arm_is_refused(effect: float, share: float) -> None:
    with pytest.raises(ValueError, match="must"):
        people_needed(variance=0.2, effect=effect, share=share)


def test_an_interval_narrows_with_people() -> None:
    widths = [
        (found := difference(arm_of(0.8, people), arm_of(0.8, people))).high - found.low for people in (50, 200, 800)
    ]

    assert math.inf > widths[0] > widths[1] > widths[2] > 0
