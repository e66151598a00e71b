"""Placeholders: stable within a conversation, and the way back."""

import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askacme.lib.errors import GuardUnavailable
from governance.guardrails.pii import PLACEHOLDER, find, mask, numbers, restore, shortened
from governance.guardrails.policy import DEFAULT

VALUES = [
    "4111 1111 1111 1111",
    "3782-822463-10005",
    "DE89 3704 0044 0532 0130 00",
    "gb29nwbk60161331926819",
    "219-45-6789",
    "12345678Z",
    "AB 12 34 56 C",
    "ana.mueller@acme.example",
    "+44 20 7946 0958",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "postgres://app:s3cr3tPw@db.internal:5432/hr",
    "198.51.100.27",
]
WORDS = st.text(alphabet=" abcXYZäß0123456789.,:;!?'()[]_-/@\n", max_size=25)
PIECES = st.lists(st.one_of(WORDS, st.sampled_from(VALUES).map(lambda value: f" {value} ")), max_size=8)


@given(PIECES.map("".join))
@settings(max_examples=150, deadline=None)
def test_a_masked_text_stays_as_it_is_and_comes_back_whole(text: str) -> None:
    masked = mask(text, scope="a", policy=DEFAULT)

    assert mask(masked.text, scope="a", policy=DEFAULT).text == masked.text
    assert find(masked.text, policy=DEFAULT) == ()
    assert restore(masked.text, masked.values) == text


@given(st.lists(st.sampled_from(VALUES), min_size=1, max_size=6), st.sampled_from([" and ", "; ", "\n", " -- ", ", "]))
@settings(max_examples=100, deadline=None)
def test_no_value_survives(values: list[str], between: str) -> None:
    masked = mask(f"Here: {between.join(values)} ok", scope="a", policy=DEFAULT)

    assert not surviving(values, masked.text)


def surviving(values: Iterable[str], text: str) -> list[str]:
    bare = re.sub(r"[\s-]", "", PLACEHOLDER.sub("", text))
    return [value for value in values if re.sub(r"[\s-]", "", value) in bare]


def test_a_value_has_one_placeholder_in_a_conversation_and_another_elsewhere() -> None:
    here = mask("ana@acme.com wrote; ask ana@acme.com", scope="a", policy=DEFAULT)
    again = mask("Again ana@acme.com", scope="a", policy=DEFAULT)
    elsewhere = mask("Again ana@acme.com", scope="b", policy=DEFAULT)

    assert len(here.values) == 1
    assert again.values == here.values
    assert elsewhere.values.keys().isdisjoint(here.values)


def test_what_somebody_typed_like_a_placeholder_gives_nobody_s_value_away() -> None:
    name = next(iter(mask("ana@acme.com", scope="a", policy=DEFAULT).values))

    masked = mask(f"{name} is not ana@acme.com", scope="a", policy=DEFAULT)

    assert restore(masked.text, masked.values) == f"{name} is not ana@acme.com"


def test_without_the_recognisers_nothing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise MemoryError("4111 1111 1111 1111")

    monkeypatch.setattr(numbers, "recognisers", broken)

    with pytest.raises(GuardUnavailable) as raised:
        mask("My card is 4111 1111 1111 1111", scope="a", policy=DEFAULT)

    assert "4111" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_text_is_never_cut_within_a_placeholder() -> None:
    masked = mask("Write to ana@acme.com today", scope="a", policy=DEFAULT).text

    cut = [shortened(masked, most) for most in range(10, len(masked))]

    assert all("[" not in text or PLACEHOLDER.search(text) for text in cut)
    assert all(len(text) <= most for most, text in enumerate(cut, 10))
