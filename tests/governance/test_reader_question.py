"""What the reader sees in a question."""

import pytest

from governance.gateway.reader.question import Question
from governance.gateway.reader.words import stem


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many weeks of parental leave do I get?", "duration"),
        ("How many people work in Berlin?", "count"),
        ("How much is the hotel cap?", "money"),
        ("How often do I change my password?", "often"),
        ("When is the self-assessment due?", "when"),
        ("Who approves my leave?", "who"),
        ("Where do I park?", "where"),
        ("May I work from abroad?", "allowed"),
        ("My laptop was stolen. Who needs to know?", "who"),
        ("What should I type when a website asks for my name?", ""),
    ],
)
def test_type_of_the_answer_asked_for(question: str, kind: str) -> None:
    assert Question(question).asks == kind


@pytest.mark.parametrize(
    ("question", "text", "answered"),
    [
        ("How long is the leave?", "The leave lasts 16 weeks.", True),
        ("How long is the leave?", "The leave is generous.", False),
        ("How much is the fee?", "The fee is $20.", True),
        ("Who approves it?", "The decision is final.", False),
        ("What is the leave policy?", "The leave is generous.", None),
    ],
)
def test_whether_a_text_holds_such_an_answer(question: str, text: str, answered: bool | None) -> None:
    assert Question(question).answered_by(text) is answered


def test_names_and_numbers_are_noticed() -> None:
    assert Question("Can I fly to Kenya with AWS for 40 days?").named == {stem("Kenya"), stem("AWS"), "40"}


@pytest.mark.parametrize("form", ["approve", "approved", "approves", "approval"])
def test_forms_of_a_word_share_their_stem(form: str) -> None:
    assert stem(form) == stem("approving")


def test_several_questions_in_one() -> None:
    assert Question("Can I use the card now, and how do I raise its limit?").is_manifold
    assert Question("How do Berlin and Austin differ?").is_manifold
    assert not Question("My card was stolen in Rome. Who needs to know?").is_manifold
