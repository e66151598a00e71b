from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chat.pipeline.telling import NO_ANSWER, RefusalFilter


def streamed(pieces: list[str]) -> str:
    words = RefusalFilter()
    return "".join([words.feed(piece) for piece in pieces]) + words.flush()


@given(st.lists(st.integers(0, len(NO_ANSWER)), max_size=5))
def test_the_agreed_word_never_shows_however_it_is_split(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(NO_ANSWER)]
    assert streamed([NO_ANSWER[a:b] for a, b in pairwise(places)]) == ""


def test_what_follows_the_agreed_word_is_not_shown_either() -> None:
    assert streamed(["NO_", "ANSWER", " because the passages", " say nothing."]) == ""


def test_an_answer_that_begins_alike_is_kept_whole() -> None:
    assert streamed(["NO", "_", "W it is 16 weeks [1]."]) == "NO_W it is 16 weeks [1]."


def test_a_very_short_answer_is_not_held_for_ever() -> None:
    assert streamed(["NO"]) == "NO"
