"""The system prompt in answers."""

from dataclasses import replace

import pytest

from governance.guardrails.output.limit import Limit
from governance.guardrails.policy import DEFAULT
from governance.guardrails.values import Action
from tests.governance.planted import screen, told


def test_seven_words_of_the_prompt_in_a_row_are_no_leak() -> None:
    said = "He said: use only what the passages say, mostly."
    assert told(screen(), *said) == said


def test_eight_are_and_at_most_three_of_them_are_told() -> None:
    stream = screen()
    assert told(stream, *"He said: use ONLY what, the passages say. Never add more") == "He said: use ONLY what, "
    assert stream.withheld is not None
    assert stream.withheld.code == "prompt.verbatim"


def test_a_sentence_in_nearly_the_same_words_is_one_too() -> None:
    stream = screen()
    told(stream, "I end every sentence, every item of a list, with the mark of that passage that proves it. Clear?")
    assert stream.withheld is not None
    assert stream.withheld.code == "prompt.paraphrase"


@pytest.mark.parametrize("end", ["", ".", " "])
def test_so_is_the_answer_s_last_sentence(end: str) -> None:
    stream = screen()
    told(stream, f"I end every sentence, every item of a list, with the mark of that passage that proves it{end}")
    assert stream.withheld is not None


def test_what_stands_in_the_sources_too_is_no_leak() -> None:
    said = "Use only what the passages say. Never add knowledge of your own."
    assert told(screen(sources=[f"The handbook: {said}"]), *said) == said


def test_a_policy_may_mask_the_words_and_go_on() -> None:
    masking = replace(DEFAULT, outputs={**DEFAULT.outputs, "prompt": Action.MASK})
    left = told(screen(masking), *"So: use only what the passages say. Never add knowledge. Fine, goodbye.")
    assert left.startswith("So: use only what (text removed)")
    assert "passages" not in left
    assert left.endswith("Fine, goodbye.")


def test_a_long_answer_is_told_in_words_first_and_in_sentences_near_its_limit() -> None:
    limit = Limit(40)
    assert limit.feed("One two three four five six seven") == "One two three four five six se"
    assert limit.feed(". Now") == "ven."
    assert limit.flush() == " Now"


def test_an_endless_sentence_is_cut_at_a_word() -> None:
    limit = Limit(40)
    assert limit.feed("word " * 20) == "word " * 7 + "word"
    assert limit.is_over
    assert limit.feed("more") == limit.flush() == ""
