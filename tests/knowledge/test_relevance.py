"""A hit is relevant when it is about the subject and leaves no weighty word of the question unmet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge.search.relevance import Logistic, relevance, unmet
from knowledge.search.rescore import Plain, Rescored


def numbers(values: list[float]) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def hits(scores: list[float], closeness: list[list[float]], weights: list[float]) -> Rescored:
    """Candidates as rescoring leaves them; closeness is given candidate by candidate."""
    close = np.array(closeness, dtype=np.float32).reshape(len(scores), len(weights))
    return Rescored(numbers(scores), close, np.zeros(close.shape, dtype=np.int64), numbers(weights))


def test_a_hit_that_meets_every_word_is_relevant() -> None:
    assert relevance(hits([0.7], [[0.8, 0.75, 0.8]], [0.4, 0.3, 0.3])) > 0.8


def test_one_weighty_word_without_its_like_makes_a_hit_irrelevant() -> None:
    assert relevance(hits([0.55], [[0.9, 0.9, 0.2]], [0.3, 0.3, 0.4])) < 0.1


def test_a_light_word_may_be_missing() -> None:
    assert relevance(hits([0.6], [[0.8, 0.8, 0.2]], [0.47, 0.47, 0.06])) > 0.5


def test_a_long_question_about_something_else_is_not_relevant() -> None:
    assert relevance(hits([0.25], [[0.2] * 20], [0.05] * 20)) < 0.1


def test_the_hit_with_the_best_score_decides() -> None:
    good, bad = [0.9, 0.9], [0.1, 0.1]
    assert relevance(hits([0.7, 0.4], [good, bad], [0.5, 0.5])) > relevance(hits([0.4, 0.7], [good, bad], [0.5, 0.5]))


def test_a_question_of_one_word_can_be_relevant() -> None:
    assert relevance(hits([0.6], [[0.8]], [1.0])) > 0.8


def test_no_hits_are_not_relevant() -> None:
    assert relevance(hits([], [], [0.5, 0.5])) == 0


def test_a_question_without_telling_words_is_judged_by_its_score() -> None:
    assert relevance(hits([0.1], [[]], [])) < 0.5 < relevance(hits([0.8], [[]], []))


def test_unmet_is_the_part_that_the_worst_met_word_makes_up() -> None:
    assert unmet(hits([0.5], [[0.5, 0.9, 0.1]], [0.2, 0.7, 0.1]), 0) == pytest.approx(0.1)


def test_a_logistic_is_one_half_in_its_middle() -> None:
    assert Logistic(slope=-30, middle=0.1)(0.1) == 0.5


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=6), st.floats(0, 1, width=32))
def test_relevance_is_a_probability(closeness: list[float], score: float) -> None:
    weights = [1 / len(closeness)] * len(closeness)
    assert 0 <= relevance(hits([score], [closeness], weights)) <= 1


@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=6), st.integers(0, 5))
def test_a_word_that_is_met_better_never_makes_a_hit_less_relevant(closeness: list[float], word: int) -> None:
    weights = [1 / len(closeness)] * len(closeness)
    better = list(closeness)
    better[word % len(better)] = 1.0
    assert relevance(hits([0.6], [better], weights)) >= relevance(hits([0.6], [closeness], weights))


def plain(*candidates: tuple[float, float]) -> Rescored:
    """Candidates without vectors of words, given by cosine and share."""
    judged = Plain(numbers([cosine for cosine, _ in candidates]), numbers([share for _, share in candidates]))
    close = np.zeros((len(candidates), 3), dtype=np.float32)
    return Rescored(judged.scores, close, np.zeros(close.shape, dtype=np.int64), numbers([0.4, 0.3, 0.3]), judged)


def test_without_vectors_of_words_no_word_counts_as_unmet() -> None:
    assert relevance(plain((0.6, 0.7), (0.2, 0.1))) > 0.7


def test_without_vectors_of_words_another_subject_is_hardly_relevant() -> None:
    assert relevance(plain((0.15, 0.1), (0.05, 0.0))) < 0.1


@given(st.floats(0.25, 1, width=32), st.floats(0, 1, width=32))
def test_without_vectors_of_words_a_model_is_nearly_always_asked(cosine: float, share: float) -> None:
    assert relevance(plain((cosine, share))) > 0.05


@given(st.floats(0, 1, width=32))
def test_without_any_vector_the_share_decides(share: float) -> None:
    assert relevance(plain((0.0, 0.0))) <= relevance(plain((0.0, share))) <= relevance(plain((0.0, 1.0)))
    assert 0.05 < relevance(plain((0.0, share))) < 0.95


def test_without_any_hits_nothing_is_relevant() -> None:
    assert relevance(plain()) == 0
