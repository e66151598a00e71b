import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askacme.lib.sentences import spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in spans(text)]


def test_splits_at_full_stops_question_marks_and_exclamation_marks() -> None:
    assert sentences("You get 16 weeks. Who approves it? Your manager!") == [
        "You get 16 weeks.",
        "Who approves it?",
        "Your manager!",
    ]


@pytest.mark.parametrize(
    "whole",
    [
        "Bring proof, e.g. A birth certificate.",
        "Ask Dr. Miller about it.",
        "See No. 5 and Fig. 3 for details.",
        "The U.S. Government pays for it.",
        "It takes approx. 3 weeks.",
        "Write to J. Smith at once.",
        "The rate is 3.5 % per month.",
        "Use version 2.1.3 or later.",
        "Read https://example.com/a.b?c=d. it is short.",
        "Mail hr.team@example.com for help.",
        "1. Open the form.",
        "- a. Open the form.",
        "“Why me?” he asked.",
        "She waited ... and left.",
        "Acme Inc. Employees sign here.",
        "Meals | Lunch only. | 20 USD",
    ],
)
def test_does_not_split_inside(whole: str) -> None:
    assert sentences(whole) == [whole]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("He said “yes.” Then he left.", "He said “yes.”"),
        ("(See the policy.) Then apply.", "(See the policy.)"),
        ("You get 16 weeks. [1] Apply early.", "You get 16 weeks. [1]"),
        ("She lives in the U.S. This is fine.", "She lives in the U.S."),
        ("We close at 5 p.m. Employees leave then.", "We close at 5 p.m."),
        ("The answer is no. Ask again.", "The answer is no."),
        ("It rose in 2024. It fell later.", "It rose in 2024."),
        ("Look here. https://example.com", "Look here."),
        ("休暇は十六週です。申請が必要です。", "休暇は十六週です。"),
    ],
)
def test_splits_after(text: str, first: str) -> None:
    assert sentences(text)[0] == first
    assert len(spans(text)) == 2


def test_a_line_break_ends_a_sentence() -> None:
    assert sentences("Benefits\n\n- Health care\n- Dental care\n") == [
        "Benefits",
        "- Health care",
        "- Dental care",
    ]


def test_blank_text_has_no_sentences() -> None:
    assert spans(" \n\t ") == []


@given(st.text(alphabet="ab AB.!?\n\"')[]1|…。", max_size=200))
def test_every_visible_character_is_in_exactly_one_span(text: str) -> None:
    found = spans(text)
    assert "".join("".join(text[start:end].split()) for start, end in found) == "".join(text.split())
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(found))


@pytest.mark.parametrize("piece", ["word", ".", "a.", ". ", '."', "[1]", "Dr. ", "\n"])
def test_a_megabyte_of_anything_takes_a_moment(piece: str) -> None:
    began = time.monotonic()
    spans(piece * (1_000_000 // len(piece)))
    assert time.monotonic() - began < 10
