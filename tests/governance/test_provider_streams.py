"""Each fault in both wire formats, streamed and not, over real HTTP: what it is called, and how long it took."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from governance.gateway.faults import Fault
from governance.gateway.providers.wire import Timeouts
from governance.gateway.types import ChatMessage, Completed, TextDelta
from tests.llm import replies
from tests.llm.asking import FORMATS, QUICK, REQUEST, failed, make_provider, told
from tests.llm_simulator import Reply, Simulator, closed_port, deaf_port, running_simulator

TEXT = Reply().text
SHOWN = TEXT[: 3 * Reply().piece_chars]
AT_ONCE_S = 1.0
"""What needs no waiting may take this long on a busy machine; the deadlines are ten seconds where nobody waits."""


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture(params=FORMATS)
def wire_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["streamed", "whole"])
def streams(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


AT_ONCE = {
    "429": (replies.RATE_LIMITED, Fault.RATE_LIMITED),
    "429 with Retry-After": (replies.RATE_LIMITED_FOR_A_WHILE, Fault.RATE_LIMITED),
    "500": (replies.SERVER_ERROR, Fault.OVERLOADED),
    "503": (replies.OVERLOADED, Fault.OVERLOADED),
    "529": (Reply(status=529), Fault.OVERLOADED),
    "dropped": (replies.DROPS, Fault.BROKEN_OFF),
    "cut": (replies.CUT, Fault.BROKEN_OFF),
    "malformed": (replies.MALFORMED, Fault.MALFORMED),
    "error in the answer": (replies.ERROR_MIDWAY, Fault.OVERLOADED),
    "empty": (replies.EMPTY, Fault.EMPTY),
    "wrong content type": (replies.WRONG_TYPE, Fault.MALFORMED),
    "expired key": (replies.EXPIRED_KEY, Fault.UNAUTHORIZED),
    "unknown model": (replies.NO_SUCH_MODEL, Fault.UNKNOWN_MODEL),
    "bad request": (replies.BAD_REQUEST, Fault.BAD_REQUEST),
    "context too long": (replies.CONTEXT_TOO_LONG, Fault.CONTEXT_TOO_LONG),
    "filtered": (replies.FILTERED, Fault.REFUSED),
    "no money": (replies.NO_MONEY, Fault.QUOTA_EXHAUSTED),
    "redirect": (Reply(status=307, headers={"Location": "http://127.0.0.1:1/"}), Fault.BAD_REQUEST),
    "refused without a word": (Reply(text="", finish="refusal"), Fault.REFUSED),
    "all thought, no word": (Reply(text="", thoughts="Hm.", finish="max_tokens"), Fault.NO_ROOM),
}


@pytest.mark.parametrize("name", AT_ONCE)
async def test_a_fault_is_named_at_once(simulator: Simulator, wire_format: str, streams: bool, name: str) -> None:
    reply, fault = AT_ONCE[name]
    simulator.script = [reply]
    outcome = await failed(make_provider(wire_format, simulator.base_url, streams=streams))
    assert outcome.error.fault is fault
    assert outcome.took_s < AT_ONCE_S
    assert simulator.calls == 1


WAITED_FOR = [
    # reply, streamed: (fault, seconds), whole: (fault, seconds); first token 0.8 s, idle 0.4 s, total 1.4 s
    ("hang before headers", replies.HANGS, (Fault.FIRST_TOKEN_TIMEOUT, 0.8), (Fault.FIRST_TOKEN_TIMEOUT, 1.4)),
    ("hang in mid-stream", replies.HANGS_MIDWAY, (Fault.STALLED, 0.4), (Fault.STALLED, 0.4)),
    ("keep-alives, no word", replies.DRIPS_FROM_THE_START, (Fault.FIRST_TOKEN_TIMEOUT, 0.8), (Fault.STALLED, 1.4)),
    ("keep-alives in mid-stream", replies.DRIPS, (Fault.STALLED, 0.4), (Fault.STALLED, 1.4)),
    ("slow drip of words", Reply(text="x" * 400, token_s=0.1), (Fault.STALLED, 1.4), (Fault.FIRST_TOKEN_TIMEOUT, 1.4)),
]


@pytest.mark.parametrize(
    ("reply", "streamed", "whole"), [case[1:] for case in WAITED_FOR], ids=[c[0] for c in WAITED_FOR]
)
async def test_silence_ends_at_its_deadline(
    simulator: Simulator,
    wire_format: str,
    streams: bool,
    reply: Reply,
    streamed: tuple[Fault, float],
    whole: tuple[Fault, float],
) -> None:
    simulator.script = [reply]
    outcome = await failed(make_provider(wire_format, simulator.base_url, streams=streams, timeouts=QUICK))
    fault, seconds = streamed if streams else whole
    assert outcome.error.fault is fault
    assert seconds - 0.05 <= outcome.took_s < seconds + AT_ONCE_S


async def test_a_refused_connection_is_unreachable_at_once(wire_format: str, streams: bool) -> None:
    with closed_port() as base_url:
        outcome = await failed(make_provider(wire_format, base_url, streams=streams))
    assert outcome.error.fault is Fault.UNREACHABLE
    assert outcome.took_s < AT_ONCE_S


async def test_a_connection_that_is_never_taken_is_unreachable_in_time(wire_format: str) -> None:
    with deaf_port() as base_url:
        outcome = await failed(make_provider(wire_format, base_url, timeouts=QUICK))
    assert outcome.error.fault is Fault.UNREACHABLE
    assert outcome.took_s < 0.3 + AT_ONCE_S


@pytest.mark.parametrize("reply", [replies.CUT, replies.ERROR_MIDWAY, replies.MALFORMED, replies.HANGS_MIDWAY])
async def test_what_came_before_the_fault_was_told(simulator: Simulator, wire_format: str, reply: Reply) -> None:
    simulator.script = [reply]
    assert (await failed(make_provider(wire_format, simulator.base_url, timeouts=QUICK))).shown == SHOWN


async def test_the_answer_comes_whole_with_its_usage(simulator: Simulator, wire_format: str, streams: bool) -> None:
    simulator.script = [Reply(cached_tokens=600, cache_write_tokens=100, headers={"x-ratelimit-remaining-tokens": "9"})]
    answer = await told(make_provider(wire_format, simulator.base_url, streams=streams))
    assert answer.text == TEXT
    assert answer.completed == Completed(
        1000, 7, cached_input_tokens=600, cache_write_tokens=100, rate_limits={"remaining-tokens": "9"}
    )
    assert len(answer.items) == (8 if streams else 2)


async def test_without_usage_the_tokens_are_estimated(simulator: Simulator, wire_format: str, streams: bool) -> None:
    simulator.script = [Reply(text="x" * 41, with_usage=False)]
    completed = (await told(make_provider(wire_format, simulator.base_url, streams=streams))).completed
    n_input = -(-sum(len(message.content) for message in REQUEST.messages) // 4)
    assert (completed.input_tokens, completed.output_tokens, completed.is_estimated) == (n_input, 11, True)


async def test_bytes_split_anywhere_come_out_right(simulator: Simulator, wire_format: str, streams: bool) -> None:
    text = "Grüße aus Zürich 🎉 — 16 週"
    simulator.script = [Reply(text=text, split_bytes=True)]
    assert (await told(make_provider(wire_format, simulator.base_url, streams=streams))).text == text


async def test_a_missing_end_mark_is_no_loss_after_a_finish(simulator: Simulator, wire_format: str) -> None:
    simulator.script = [Reply(with_done=False)]
    assert (await told(make_provider(wire_format, simulator.base_url))).text == TEXT


async def test_an_end_without_finish_and_mark_is_a_cut(simulator: Simulator, wire_format: str) -> None:
    simulator.script = [Reply(with_done=False, with_finish=False, with_usage=False)]
    outcome = await failed(make_provider(wire_format, simulator.base_url))
    assert (outcome.error.fault, outcome.shown) == (Fault.BROKEN_OFF, TEXT)


async def test_a_server_that_ignores_stream_is_understood(simulator: Simulator, wire_format: str) -> None:
    simulator.script = [Reply(ignores_stream=True)]
    assert (await told(make_provider(wire_format, simulator.base_url))).text == TEXT


async def test_thoughts_are_signs_of_life_and_not_text(simulator: Simulator, wire_format: str) -> None:
    simulator.script = [Reply(thoughts="Let me see.")]
    assert (await told(make_provider(wire_format, simulator.base_url))).text == TEXT


async def test_an_answer_cut_by_its_length_says_so(simulator: Simulator, wire_format: str, streams: bool) -> None:
    simulator.script = [Reply(finish="length" if wire_format == "openai" else "max_tokens")]
    answer = await told(make_provider(wire_format, simulator.base_url, streams=streams))
    assert answer.completed.finish == "length"


async def test_one_connection_serves_call_after_call(simulator: Simulator, wire_format: str) -> None:
    provider = make_provider(wire_format, simulator.base_url)
    for _ in range(3):
        await told(provider)
    assert len(simulator.connections) == 1


async def test_who_goes_away_closes_the_connection_at_once(simulator: Simulator, wire_format: str) -> None:
    simulator.script = [Reply(text="word " * 1000, token_s=0.01)]
    provider = make_provider(wire_format, simulator.base_url)
    async with aclosing(provider.stream(REQUEST, model="small", headers={})) as items:
        assert isinstance(await anext(items), TextDelta)
    assert await asyncio.to_thread(simulator.left.wait, 2)
    assert simulator.closed_early == 1


async def test_a_reader_that_takes_its_time_is_no_silence_of_the_provider(
    simulator: Simulator, wire_format: str
) -> None:
    provider = make_provider(wire_format, simulator.base_url, timeouts=Timeouts(idle_s=0.2))
    text = ""
    async with aclosing(provider.stream(REQUEST, model="small", headers={})) as items:
        async for item in items:
            text += item.text if isinstance(item, TextDelta) else ""
            await asyncio.sleep(0.21)
    assert text == TEXT


async def test_the_headers_of_the_gateway_and_of_the_configuration_are_sent(
    simulator: Simulator, wire_format: str
) -> None:
    provider = make_provider(wire_format, simulator.base_url, extra_headers={"X-Team": "hr"})
    await told(provider, headers={"X-Request-ID": "42"})
    assert (simulator.headers[0]["X-Request-ID"], simulator.headers[0]["X-Team"]) == ("42", "hr")


@pytest.mark.parametrize("status", [401, 500])
async def test_a_key_that_the_provider_repeats_is_cut_out(simulator: Simulator, wire_format: str, status: int) -> None:
    simulator.script = [Reply(status=status, error_message=f"{'x' * 170} wrong: sk-secret-key-of-ours")]
    outcome = await failed(make_provider(wire_format, simulator.base_url, api_key="sk-secret-key-of-ours"))
    assert "sk-secret" not in str(outcome.error)
    assert len(str(outcome.error)) <= 200


@pytest.mark.parametrize("api_key", ["sk-test\n", "schlüssel"])
async def test_a_key_that_no_header_can_hold_is_a_clear_error(
    simulator: Simulator, wire_format: str, api_key: str
) -> None:
    outcome = await failed(make_provider(wire_format, simulator.base_url, api_key=api_key))
    assert outcome.error.fault is Fault.UNAUTHORIZED
    assert "enter it again" in str(outcome.error)
    assert simulator.calls == 0


@pytest.mark.parametrize("base_url", ["localhost", "ftp://somewhere/v1", "http://", "http://a..b/v1", "http://[::1"])
async def test_an_address_that_is_none_is_a_clear_error(wire_format: str, base_url: str) -> None:
    outcome = await failed(make_provider(wire_format, base_url))
    assert outcome.error.fault in {Fault.BAD_REQUEST, Fault.UNREACHABLE}


def test_the_key_never_shows_in_a_log_line(wire_format: str) -> None:
    provider = make_provider(wire_format, "http://x", api_key="sk-secret", extra_headers={"X-Token": "sk-secret"})
    assert "sk-secret" not in repr(provider)


async def test_a_half_of_a_surrogate_in_a_question_is_sent_as_a_question_mark(
    simulator: Simulator, wire_format: str
) -> None:
    await told(
        make_provider(wire_format, simulator.base_url), replace(REQUEST, messages=(ChatMessage("user", "a\ud800"),))
    )
    assert "a?" in str(simulator.requests[0]["messages"])
