"""How sure an answer is, as a number and in words."""

import pytest

from chat.proof.assurance import Assurance, assurance, confidence
from chat.proof.values import Sentence, State

TEXT = "It is paid. It is long. It is blue. Yes."
PROVED, UNPROVED, PLAIN = (
    Sentence(0, 0, 11, State.PROVED, (1,)),
    Sentence(1, 12, 23, State.UNPROVED, (1,), "the number 9 is not in the source"),
    Sentence(3, 36, 40, State.PLAIN),
)
VOUCHED = Sentence(0, 0, 11, State.PLAIN, (), "from the HR system")


def told(*sentences: Sentence, sure: float = 0.9, titles: tuple[str, ...] = ("Travel Policy",)) -> Assurance:
    found = assurance(TEXT, sentences, confidence=sure, titles=titles)
    assert found is not None
    return found


def line(*sentences: Sentence, sure: float = 0.9, titles: tuple[str, ...] = ("Travel Policy",)) -> str:
    found = told(*sentences, sure=sure, titles=titles)
    return f"{found.title}: {found.reason}"


def test_the_reason_names_what_proves_it() -> None:
    assert line(PROVED, PROVED, PROVED, PLAIN) == "Well supported: each of 3 sentences is proved by Travel Policy"
    assert line(PROVED) == "Well supported: proved by Travel Policy"
    assert line(PROVED, titles=("A", "B")) == "Well supported: proved by A and B"
    assert line(PROVED, titles=("A", "B", "C")) == "Well supported: proved by 3 documents"


def test_sentences_without_proof_are_counted_and_told_with_their_reason() -> None:
    assert line(PROVED, PROVED, PROVED, UNPROVED) == "Partly supported: 1 of 4 sentences has no proof"
    assert line(PROVED, UNPROVED) == "Uncertain: 1 of 2 sentences has no proof"
    assert line(UNPROVED) == "Uncertain: what it says has no proof"
    assert told(PROVED, UNPROVED).doubts == (("It is long.", "the number 9 is not in the source"),)


def test_a_proved_answer_that_may_miss_the_question_is_uncertain() -> None:
    assert line(PROVED, sure=0.55).startswith("Uncertain: ")


def test_what_another_system_said_is_told_as_such() -> None:
    assert line(VOUCHED) == "Looked up: from the HR system"


def test_an_answer_that_claims_nothing_has_no_assurance() -> None:
    assert assurance(TEXT, [PLAIN], confidence=0.9, titles=()) is None


@pytest.mark.parametrize(
    ("sentences", "told", "sure"),
    [
        ((PROVED, PLAIN), 0.83, 0.83),
        ((PROVED, UNPROVED), 0.8, 0.4),
        ((PROVED,), None, 0.9),
        ((VOUCHED,), 0.7, 0.7),
        ((UNPROVED,), None, 0.0),
        ((), None, 0.0),
    ],
)
def test_confidence_is_what_is_known_times_what_is_proved(
    sentences: tuple[Sentence, ...], told: float | None, sure: float
) -> None:
    assert confidence(sentences, relevance=0.8, told=told) == sure
