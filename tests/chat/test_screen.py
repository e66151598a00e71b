import pytest

from askacme.lib.errors import QuestionEmpty, QuestionTooLong
from chat.pipeline.screen import screen


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\u200b\u200b", "???", "\x00\x07", "🎉🎉"])
def test_a_question_without_a_letter_or_digit_is_empty(question: str) -> None:
    with pytest.raises(QuestionEmpty):
        screen(question)


def test_the_longest_question_passes_and_one_more_character_does_not() -> None:
    assert len(screen("x" * 5000)) == 5000
    with pytest.raises(QuestionTooLong, match="5,001"):
        screen("x" * 5001)


def test_a_million_characters_are_refused() -> None:
    with pytest.raises(QuestionTooLong, match="1,000,000"):
        screen("x" * 1_000_000)


def test_control_and_invisible_characters_are_taken_out() -> None:
    assert screen("How\x00 many\u202e we\u200beks?\x1b") == "How many weeks?"


@pytest.mark.parametrize("question", ["כמה שבועות חופשה יש לי?", "Quanto dura? 👩‍👩‍👧", "第一行\n第二行"])
def test_other_scripts_and_joined_emoji_pass_unchanged(question: str) -> None:
    assert screen(question) == question
