"""Sentences of a text that comes in pieces."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from askacme.lib.sentences import spans
from chat.proof.ended import EndedSentences

PIECES = st.sampled_from(
    [
        *("Weeks.", " ", "\n", "[1]", " [2]", "The", "e.g.", "3.", "a", "Inc.", "(", "“", "”", "。", "?", "…", "**"),
        *("foo", "\r", "Bob", "1.", "- ", "|", "www.x", ")"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join)


@given(text=TEXTS, cuts=st.lists(st.integers(0, 80), max_size=30))
def test_however_it_comes_its_sentences_are_those_of_the_whole(text: str, cuts: list[int]) -> None:
    ended, found = EndedSentences(), list[tuple[int, int]]()
    for start, end in pairwise(sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})):
        found += ended.feed(text[start:end])
    assert found + ended.flush() == spans(text)


def test_a_sentence_has_ended_with_the_first_word_of_the_next() -> None:
    ended = EndedSentences()
    assert ended.feed("It is paid. [1] ") == []
    assert ended.feed("Leave") == []
    assert ended.feed(" is") == [(0, 15)]


def test_a_line_ends_a_sentence_at_once() -> None:
    assert EndedSentences().feed("It is paid. [1]\n") == [(0, 15)]
