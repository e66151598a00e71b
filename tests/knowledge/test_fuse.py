from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.fuse import fuse

cosines = st.floats(-1, 1)
scores = st.floats(0, 1000)


def test_of_two_alike_in_meaning_the_one_with_the_words_wins() -> None:
    with_words, without = fuse([0.5, 0.5], [3.0, 0.0])
    assert with_words > without


def test_words_alone_do_not_beat_a_clear_meaning() -> None:
    words_only, meaning_only = fuse([0.1, 0.6], [9.0, 0.0])
    assert meaning_only > words_only


def test_no_words_in_common_leave_the_order_to_meaning() -> None:
    first, second = fuse([0.7, 0.2], [0.0, 0.0])
    assert first > second


@given(st.lists(st.tuples(cosines, scores), max_size=20))
def test_scores_always_lie_between_nought_and_one(found: list[tuple[float, float]]) -> None:
    fused = fuse([cosine for cosine, _ in found], [score for _, score in found])
    assert all(0 <= score <= 1 for score in fused)
