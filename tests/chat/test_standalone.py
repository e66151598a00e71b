"""Follow-ups made to stand alone by rules."""

import pytest

from chat.followups.standalone import made_to_stand_alone

ANNUAL = "How many weeks of paid parental leave do I get?"
GERMAN = "Wie viele Urlaubstage habe ich in Berlin?"


@pytest.mark.parametrize(
    ("question", "before", "alone"),
    [
        ("Can I split it up?", ANNUAL, "Can I split it up? (paid parental leave)"),
        ("How long?", ANNUAL, "How long? (paid parental leave)"),
        ("And from Midway?", "Which stop is closest coming from O'Hare?", "Which stop is closest coming from Midway?"),
        ("And for part-timers?", ANNUAL, "How many weeks of paid parental leave do I get, for part-timers?"),
        ("What about contractors?", ANNUAL, "How many weeks of paid parental leave do I get, contractors?"),
        ("Who signs it?", "Is M&IE paid on travel days?", "Who signs it? (M&IE paid, travel days)"),
        ("Und in Singapur?", GERMAN, "Wie viele Urlaubstage habe ich in Singapur?"),
        ("Was ist mit Werkstudenten?", GERMAN, "Wie viele Urlaubstage habe ich in Berlin, Werkstudenten?"),
        ("Wer genehmigt sie?", "Wie lange ist die Elternzeit?", "Wer genehmigt sie? (Elternzeit)"),
    ],
)
def test_what_is_left_out_is_put_in(question: str, before: str, alone: str) -> None:
    assert made_to_stand_alone(question, before) == alone


def test_a_complaint_asks_the_same_again() -> None:
    assert made_to_stand_alone("That's wrong, try again", ANNUAL) == ANNUAL


def test_a_question_about_what_is_wrong_is_no_complaint() -> None:
    alone = made_to_stand_alone("Was passiert, wenn ich es falsch ausfülle?", "Wie lange ist die Elternzeit?")
    assert alone == "Was passiert, wenn ich es falsch ausfülle? (Elternzeit)"


def test_over_many_turns_the_topic_is_kept_and_the_question_does_not_grow() -> None:
    question = ANNUAL
    for follow_up in ("Who approves it?", "How do I apply?", "And how long does that take?"):
        question = made_to_stand_alone(follow_up, question)
    assert question == "And how long does that take? (paid parental leave)"


def test_what_the_question_says_itself_is_not_said_again() -> None:
    assert made_to_stand_alone("Is it parental leave?", ANNUAL) == f"Is it parental leave? ({ANNUAL})"
