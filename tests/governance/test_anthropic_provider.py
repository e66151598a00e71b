"""What only Anthropic's wire format has, against the simulator over real HTTP and event by event."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.providers.anthropic import AnthropicProvider, take, take_whole
from governance.gateway.providers.draft import Draft
from governance.gateway.types import ChatMessage, OutputSchema, ToolCall, ToolSpec
from tests.llm.asking import REQUEST, failed, make_provider, told
from tests.llm_simulator import Reply, Simulator, running_simulator

DAYS = ToolSpec("vacation_days", "Days left.", {"type": "object", "properties": {}})
OUTPUT = OutputSchema("answer", {"type": "object", "properties": {"weeks": {"type": "integer"}}})
CACHED = {"type": "ephemeral"}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture(params=[True, False], ids=["streamed", "whole"])
def provider(simulator: Simulator, request: pytest.FixtureRequest) -> AnthropicProvider:
    provider = make_provider("anthropic", simulator.base_url, streams=request.param)
    assert isinstance(provider, AnthropicProvider)
    return provider


def taken(*events: dict[str, Any]) -> tuple[str, Draft]:
    draft = Draft()
    return "".join(take(draft, event, output_name="") for event in events), draft


async def test_the_key_the_version_and_the_limit_are_sent(provider: AnthropicProvider, simulator: Simulator) -> None:
    await told(provider)
    assert (simulator.headers[0]["x-api-key"], simulator.headers[0]["anthropic-version"]) == ("sk-test", "2023-06-01")
    assert (simulator.requests[0]["model"], simulator.requests[0]["max_tokens"]) == ("small", 1024)


async def test_a_base_url_without_v1_is_the_same(simulator: Simulator) -> None:
    assert (await told(make_provider("anthropic", simulator.base_url.removesuffix("/v1") + "/"))).text == Reply().text


async def test_the_last_system_block_is_marked_for_the_cache(provider: AnthropicProvider, simulator: Simulator) -> None:
    messages = (ChatMessage("system", "Be brief."), ChatMessage("system", "Cite."), ChatMessage("user", "Hello"))
    await told(provider, replace(REQUEST, messages=messages, tools=(DAYS,)))
    sent = simulator.requests[0]
    assert [block.get("cache_control") for block in sent["system"]] == [None, CACHED]
    assert "cache_control" not in sent["tools"][0]
    assert [message["role"] for message in sent["messages"]] == ["user"]


async def test_without_system_the_last_tool_is_marked(provider: AnthropicProvider, simulator: Simulator) -> None:
    await told(provider, replace(REQUEST, messages=(ChatMessage("user", "Hello"),), tools=(DAYS, DAYS)))
    assert [tool.get("cache_control") for tool in simulator.requests[0]["tools"]] == [None, CACHED]
    assert "system" not in simulator.requests[0]


async def test_tool_calls_come_whole(provider: AnthropicProvider, simulator: Simulator) -> None:
    simulator.script = [Reply(text="Let me look.", tool_calls=(("vacation_days", '{"year": 2026}'), ("today", "{}")))]
    answer = await told(provider, replace(REQUEST, tools=(DAYS,)))
    assert (answer.text, answer.completed.finish) == ("Let me look.", "tool_calls")
    assert answer.completed.tool_calls == (
        ToolCall("toolu_1", "vacation_days", '{"year": 2026}'),
        ToolCall("toolu_2", "today", "{}"),
    )


async def test_the_results_of_one_round_stand_in_one_turn(provider: AnthropicProvider, simulator: Simulator) -> None:
    calls = (ToolCall("a", "vacation_days", '{"year": 1}'), ToolCall("b", "vacation_days", "not JSON"))
    results = (ChatMessage("tool", "12", tool_call_id="a"), ChatMessage("tool", "13", tool_call_id="b"))
    messages = (*REQUEST.messages, ChatMessage("assistant", "", calls), *results, ChatMessage("user", "Well?"))
    await told(provider, replace(REQUEST, messages=messages, tools=(DAYS,)))
    _, assistant, user = simulator.requests[0]["messages"]
    assert [block["input"] for block in assistant["content"]] == [{"year": 1}, {"unreadable": "not JSON"}]
    assert [block["type"] for block in user["content"]] == ["tool_result", "tool_result", "text"]
    assert user["content"][1] == {"type": "tool_result", "tool_use_id": "b", "content": "13"}


async def test_a_schema_is_a_tool_that_must_be_called(provider: AnthropicProvider, simulator: Simulator) -> None:
    simulator.script = [Reply(text='{"weeks": 16}')]
    answer = await told(provider, replace(REQUEST, output=OUTPUT))
    sent = simulator.requests[0]
    assert sent["tool_choice"] == {"type": "tool", "name": "answer", "disable_parallel_tool_use": True}
    assert sent["tools"][0]["input_schema"] == OUTPUT.schema
    assert (json.loads(answer.text), answer.completed.finish) == ({"weeks": 16}, "stop")
    assert answer.completed.tool_calls == ()


async def test_with_tools_and_a_schema_any_tool_may_be_called(
    provider: AnthropicProvider, simulator: Simulator
) -> None:
    await told(provider, replace(REQUEST, output=OUTPUT, tools=(DAYS,)))
    assert simulator.requests[0]["tool_choice"]["type"] == "any"


@pytest.mark.parametrize(
    ("model", "is_sent"),
    [
        ("claude-sonnet-4-20250514", True),
        ("claude-opus-4-1", True),
        ("claude-3-5-haiku-latest", True),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", True),
        ("some-llama", True),
        ("claude-opus-4-7", False),
        ("claude-opus-5", False),
        ("claude-sonnet-5-5", False),
        ("claude-fable-5", False),
    ],
)
async def test_temperature_is_sent_to_models_that_take_it(simulator: Simulator, model: str, is_sent: bool) -> None:
    await told(make_provider("anthropic", simulator.base_url, model=model))
    assert ("temperature" in simulator.requests[0]) is is_sent


async def test_a_429_says_when_to_come_back(provider: AnthropicProvider, simulator: Simulator) -> None:
    headers = {"retry-after": "3", "anthropic-ratelimit-requests-remaining": "0"}
    simulator.script = [Reply(status=429, headers=headers, error_type="rate_limit_error")]
    error = (await failed(provider)).error
    assert (error.fault, error.retry_after_s) == (Fault.RATE_LIMITED, 3)
    assert dict(error.rate_limits) == {"requests-remaining": "0"}


@pytest.mark.parametrize(
    "event",
    [{}, {"type": "ping"}, {"type": "new_kind"}, {"type": "message_start"}, {"type": "message_delta", "delta": None},
     {"type": "content_block_delta", "index": "x", "delta": {"type": "signature_delta", "signature": "…"}},
     {"type": "content_block_start", "content_block": {"type": "redacted_thinking"}}],
)  # fmt: skip
def test_an_event_that_says_nothing_says_nothing(event: dict[str, Any]) -> None:
    assert taken(event)[0] == ""


def test_usage_counts_what_the_cache_read_and_wrote_as_input() -> None:
    start = {"input_tokens": 10, "cache_read_input_tokens": 600, "cache_creation_input_tokens": 90, "output_tokens": 1}
    text = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Yes."}}
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}
    _, draft = taken({"type": "message_start", "message": {"usage": start}}, text, end)
    completed = draft.completed(REQUEST, {})
    assert (completed.input_tokens, completed.cached_input_tokens, completed.cache_write_tokens) == (700, 600, 90)
    assert (completed.output_tokens, completed.is_estimated) == (7, False)


@pytest.mark.parametrize(("kind", "fault"), [("overloaded_error", Fault.OVERLOADED), ("api_error", Fault.OVERLOADED)])
def test_an_error_event_is_named_by_its_type(kind: str, fault: Fault) -> None:
    with pytest.raises(ProviderFailed) as caught:
        taken({"type": "error", "error": {"type": kind, "message": "…"}})
    assert caught.value.fault is fault


@pytest.mark.parametrize("answer", [{}, {"content": None}, {"choices": []}])
def test_a_whole_answer_without_content_is_malformed(answer: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailed) as caught:
        take_whole(Draft(), answer, output_name="")
    assert caught.value.fault is Fault.MALFORMED
