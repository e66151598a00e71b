"""What was streamed in OpenAI's format can't be taken back: what happens when a run tells its text anew."""

import json
from typing import Any
from uuid import UUID

import pytest

from chat.conversations.models import Message
from chat.conversations.schema import AnswerOut, Usage
from chat.openai.chunks import DONE, Pieces
from chat.runs.events import Event

REQUEST_ID = UUID(int=7)
TEXT = "Parental leave is 16 weeks [1]."


def delta(text: str) -> Event:
    return Event(1, "delta", {"seq": 1, "text": text})


def reset(text: str) -> Event:
    return Event(1, "reset", {"seq": 1, "text": text})


def done(text: str = TEXT, status: str = "success") -> Event:
    answer = AnswerOut.model_construct(
        request_id=str(REQUEST_ID),
        conversation_id="",
        question="",
        status=status,
        answer=text,
        sources=[],
        confidence=0.5,
        cached=None,
        model="",
        prompt_version="",
        usage=Usage(input_tokens=3, output_tokens=4),
        cost_usd=None,
        latency_ms=None,
        ttft_ms=None,
    )
    return Event(9, "done", answer.model_dump())


def streamed(*events: Event, with_usage: bool = False) -> list[dict[str, Any]]:
    """The chunks of these events, as a client reads them."""
    pieces = Pieces(Message(request_id=REQUEST_ID), "https://ask.example", with_usage)
    raw = [part for event in events for part in pieces.of(event)]
    return [json.loads(part.removeprefix(b"data: ")) for part in raw if part != DONE]


def text_of(chunks: list[dict[str, Any]]) -> str:
    choices = [choice for chunk in chunks for choice in chunk.get("choices", [])]
    return "".join(choice["delta"].get("content", "") for choice in choices)


def reason_of(chunks: list[dict[str, Any]]) -> str:
    (reason,) = [
        choice["finish_reason"] for chunk in chunks for choice in chunk.get("choices", []) if choice["finish_reason"]
    ]
    return str(reason)


@pytest.mark.parametrize(
    "events",
    [
        (delta(TEXT), done()),
        (delta(TEXT[:9]), delta(TEXT[9:]), done()),
        (delta(TEXT[:9]), reset(TEXT[:20]), delta(TEXT[20:]), done()),
        (delta(TEXT[:9]), reset(""), delta(TEXT[:5]), delta(TEXT[5:]), done()),
        (delta(TEXT[:9]), reset(TEXT[:4]), reset(TEXT), done()),
        (delta(TEXT[:9]), reset(""), done()),
        (delta(TEXT + " "), done()),
        (done(),),
    ],
)
def test_each_word_is_sent_once_however_the_run_tells_it(events: tuple[Event, ...]) -> None:
    chunks = streamed(*events)
    assert text_of(chunks).strip() == TEXT
    assert reason_of(chunks) == "stop"


def test_a_text_that_does_not_go_on_where_it_was_ends_with_an_error() -> None:
    chunks = streamed(delta(TEXT[:9]), reset(""), delta("New parents get"))
    assert "begun anew" in chunks[-1]["error"]["message"]
    assert chunks[-1]["error"]["type"] == "server_error"


def test_what_failed_the_check_is_withdrawn_in_words() -> None:
    chunks = streamed(delta("Probably ten weeks."), done("I found no answer.", "no_answer"))
    assert text_of(chunks).startswith("Probably ten weeks.\n")
    assert "withdrawn" in text_of(chunks)
    assert text_of(chunks).endswith("I found no answer.")
    assert reason_of(chunks) == "content_filter"


@pytest.mark.parametrize("status", ["filtered", "output_filtered"])
def test_a_filtered_answer_says_so(status: str) -> None:
    assert reason_of(streamed(done("That I can't say.", status))) == "content_filter"


def test_an_answer_that_failed_is_an_error() -> None:
    assert streamed(delta("Par"), done("The model did not respond.", "error"))[-1]["error"]["message"] == (
        "The model did not respond."
    )


def test_usage_comes_last_if_wanted() -> None:
    chunks = streamed(delta(TEXT), done(), with_usage=True)
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None, None]
    assert (chunks[-1]["choices"], chunks[-1]["usage"]["total_tokens"]) == ([], 7)
