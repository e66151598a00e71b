"""An answer as it is read, piece by piece."""

import json

from hypothesis import given
from hypothesis import strategies as st

from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.providers.draft import Draft


def told(*pieces: str) -> str:
    draft = Draft()
    return "".join(draft.said(json.loads(f'"{piece}"')) for piece in pieces)


def test_halves_of_a_character_are_joined_across_pieces() -> None:
    assert told("a \\ud83d", "\\ude00 b") == "a 😀 b"


def test_what_no_database_takes_is_left_out() -> None:
    assert told("a\\u0000b", "\\ud83d", "c") == "ab\ufffdc"


@given(st.lists(st.text(st.characters(codec=None, exclude_categories=[]), max_size=5), max_size=8))
def test_every_text_can_be_stored(pieces: list[str]) -> None:
    draft = Draft()
    text = "".join(draft.said(piece) for piece in pieces)
    assert "\0" not in text
    assert text.encode().decode() == text


def test_a_fault_s_words_can_be_stored_too() -> None:
    assert str(ProviderFailed(Fault.MALFORMED, "bad \0 \ud83d end")).encode().decode() == "bad  \ufffd end"
