"""Server-sent events, however the network cuts them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.gateway.providers import sse
from governance.gateway.providers.sse import Event, EventDecoder, EventTooLarge

STREAM = (
    b"\xef\xbb\xbf: hello\n\n"
    b'data: {"a": "Z\xc3\xbcrich \xf0\x9f\x8e\x89"}\r\n\r\n'
    b"event: ping\ndata:{}\n\n"
    b"id: 7\nretry: 100\nunknown\n\n"
    b"data: one\rdata: two\r\r"
    b"event: error\ndata: broken\n\ndata: [DONE]\n\n"
)
EVENTS = [
    Event("", '{"a": "Zürich 🎉"}'),
    Event("ping", "{}"),
    Event("", "one\ntwo"),
    Event("error", "broken"),
    Event("", "[DONE]"),
]


def decoded(*chunks: bytes) -> list[Event]:
    decoder = EventDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    last = decoder.finish()
    return [*events, last] if last else events


@pytest.mark.parametrize("at", range(len(STREAM) + 1))
def test_a_cut_at_any_byte_changes_nothing(at: int) -> None:
    assert decoded(STREAM[:at], STREAM[at:]) == EVENTS


def test_one_byte_at_a_time_changes_nothing() -> None:
    assert decoded(*(bytes([byte]) for byte in STREAM)) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_any_cuts_change_nothing(cuts: list[int]) -> None:
    ends = sorted({0, len(STREAM), *cuts})
    assert decoded(*(STREAM[a:b] for a, b in pairwise(ends))) == EVENTS


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])).filter(str.strip))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    assert decoded(f"data: {text}\n\n".encode()) == [Event("", text)]


def test_an_event_without_its_last_empty_line_is_delivered_at_the_end() -> None:
    assert decoded(b"data: [DONE]") == [Event("", "[DONE]")]


def test_llama_cpp_s_error_field_is_an_error_event() -> None:
    assert decoded(b'error: {"code": 500}\n\n') == [Event("error", '{"code": 500}')]


def test_broken_utf_8_is_replaced() -> None:
    assert decoded(b"data: a\xffb\n\n") == [Event("", "a\ufffdb")]


@pytest.mark.parametrize("junk", [b"x", b"data: x\n"])
def test_an_event_without_end_is_given_up(junk: bytes) -> None:
    with pytest.raises(EventTooLarge):
        decoded(*[junk * 1000] * (sse.MAX_EVENT_BYTES // 1000 + 1))


def test_keep_alives_for_hours_are_no_large_event() -> None:
    decoder = EventDecoder()
    chunk = b": keep-alive\n\n" * 10_000
    assert [decoder.feed(chunk) for _ in range(40)] == [[]] * 40
