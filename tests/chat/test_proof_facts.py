"""Numbers, dates, names and negations of a sentence must stand in the passage."""

import pytest

from chat.proof.evidence import Evidence
from chat.proof.facts import is_quoted, missing
from chat.proof.wording import plain
from governance.gateway.types import Passage

TEXT = """All new parents get 16 weeks of paid leave after six months of service.
The limit is $1,500 or 2.5 % of the price, whichever is less. Claims are due on 1 March 2025, by 5 pm.
You do not need a doctor's note. Ask Jane Smith of the Family Services Office or write to leave@acme.example.
Employees may carry over 8 to 10 days. Sick leave is unpaid.
- **Visitors** sign [the form](https://acme.example/form) SF-71.

Country | Days
Germany | 30
France | 25
"""
EVIDENCE = Evidence((Passage(1, "Leave guide", "Leave > Parental leave", TEXT, 1.0),))


def reason(sentence: str, question: str = "") -> str:
    return missing(plain(sentence), question, EVIDENCE)


@pytest.mark.parametrize(
    "sentence",
    [
        "New parents have sixteen weeks.",
        "That is 112 days of leave.",
        "It takes half a year of service.",
        "At most USD 1500 are paid.",
        "1.500 $ at most.",
        "Up to 2.5 percent of the price.",
        "Hand it in by March 1, 2025.",
        "The last day is 2025-03-01.",
        "Not later than 17:00.",
        "You may carry over between eight and ten days.",
        "In Germany it is 30 days.",
        "The FSO helps you.",
        "JANE SMITH helps you.",
        "Use form SF-71.",
        "Leave Guide: 16 weeks.",
    ],
)
def test_what_the_passage_says_in_another_form_is_there(sentence: str) -> None:
    assert reason(sentence) == ""


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("New parents get 12 weeks.", "the number 12 is not in the source"),
        ("New parents get 16 months.", "the number 16 is not in the source"),
        ("New parents get seventeen weeks.", "the number seventeen is not in the source"),
        ("The limit is €1,500.", "the number €1,500 is not in the source"),
        ("Up to 16 % are paid.", "the number 16 is not in the source"),
        ("Hand it in by March 2, 2025.", "the date March 2, 2025 is not in the source"),
        ("Hand it in by 1 March 2026.", "the date 1 March 2026 is not in the source"),
        ("It closes at 6 pm.", "the time 6 pm is not in the source"),
        ("Ask Peter Smith.", "the name Peter is not in the source"),
        ("The XYZ pays it.", "the name XYZ is not in the source"),
        ("Use form SF-72.", "the name SF-72 is not in the source"),
        ("Write to sick@acme.example.", "the name sick@acme.example is not in the source"),
    ],
)
def test_what_the_passage_does_not_hold_is_named(sentence: str, why: str) -> None:
    assert reason(sentence) == why


def test_a_name_of_the_question_may_be_repeated() -> None:
    assert reason("For Boston, new parents get 16 weeks.", "What about Boston?") == ""


@pytest.mark.parametrize(
    "sentence",
    ["You need a doctor's note.", "Parents do not get 16 weeks of paid leave.", "Sick leave is paid."],
)
def test_a_flipped_negation_contradicts(sentence: str) -> None:
    assert reason(sentence) == "the source says the opposite"


@pytest.mark.parametrize(
    "sentence",
    ["No doctor's note is needed.", "No, you don't need a doctor's note.", "You get leave without a doctor's note."],
)
def test_the_same_negation_in_other_words_does_not(sentence: str) -> None:
    assert reason(sentence) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "All new parents get 16 weeks of paid leave after six months of service. [1]",
        "- **Visitors** sign the form SF-71. [1]",
        "> You do not need a doctor’s note. [1]",
        "Country: Germany | Days: 30 [1]",
        "All new parents get 16 weeks of paid … [1]",
    ],
)
def test_a_quote_is_known_however_it_is_marked_up(sentence: str) -> None:
    assert is_quoted(plain(sentence), EVIDENCE)


@pytest.mark.parametrize(
    "sentence",
    ["need a doctor's note. [1]", "Country: Germany | Days: 25 [1]", "You. [1]", "may carry over 8 [1]"],
)
def test_a_part_that_may_say_something_else_is_no_quote(sentence: str) -> None:
    assert not is_quoted(plain(sentence), EVIDENCE)
