from hypothesis import given
from hypothesis import strategies as st

from chat.pipeline.locate import locate, marked_with

PASSAGE = "Leave is long.\n\nAll parents get 16 weeks.\nIt is paid.\n- Tell us 8 weeks before.\nBye."


def located(answer: str, place: int = 1) -> str:
    start, end = locate(marked_with(answer, place), PASSAGE)
    return PASSAGE[start:end]


def test_a_quoted_sentence_is_found_alone() -> None:
    assert located("All parents get 16 weeks. [1]") == "All parents get 16 weeks."


def test_white_space_and_list_signs_do_not_matter() -> None:
    assert located("- Tell us   8 weeks before. [1]") == "Tell us 8 weeks before."


def test_several_quotes_span_from_the_first_to_the_last() -> None:
    assert located("It is paid. [1]\n\nAll parents get 16 weeks. [1]") == "All parents get 16 weeks.\nIt is paid."


def test_another_mark_s_sentence_is_not_taken() -> None:
    assert located("It is paid. [2]\n\nLeave is long. [1]") == "Leave is long."


def test_other_words_are_found_by_what_they_share() -> None:
    assert located("Parents have sixteen weeks off [1].") == "All parents get 16 weeks."


def test_words_that_share_nothing_keep_the_whole_passage() -> None:
    assert located("Ask your boss [1].") == PASSAGE


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_span_always_lies_in_the_passage(answer: str, passage: str) -> None:
    start, end = locate(marked_with(answer + " [1]", 1), passage)
    assert 0 <= start <= end <= len(passage)
