"""What only OpenAI's wire format has, against the simulator over real HTTP and chunk by chunk."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.providers.draft import Draft
from governance.gateway.providers.openai import OpenAiProvider, output_of, strict, take, take_whole
from governance.gateway.types import ChatMessage, OutputSchema, ToolCall, ToolSpec
from tests.llm.asking import REQUEST, failed, make_provider, told
from tests.llm.replies import RATE_LIMITED_BY_HEADERS, RATE_LIMITED_FOR_A_WHILE
from tests.llm_simulator import Reply, Simulator, running_simulator

DAYS = ToolSpec("vacation_days", "Days left.", {"type": "object", "properties": {"year": {"type": "integer"}}})
ANSWER = {"type": "object", "properties": {"weeks": {"type": "integer", "default": 1}}}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture(params=[True, False], ids=["streamed", "whole"])
def provider(simulator: Simulator, request: pytest.FixtureRequest) -> OpenAiProvider:
    provider = make_provider("openai", simulator.base_url, streams=request.param)
    assert isinstance(provider, OpenAiProvider)
    return provider


def taken(*chunks: dict[str, Any]) -> tuple[str, Draft]:
    draft = Draft()
    return "".join(take(draft, chunk) for chunk in chunks), draft


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields}]}


async def test_the_key_and_the_model_are_sent(provider: OpenAiProvider, simulator: Simulator) -> None:
    await told(provider)
    assert simulator.headers[0]["Authorization"] == "Bearer sk-test"
    assert simulator.requests[0]["model"] == "small"


async def test_azure_gets_its_key_and_version_its_own_way(simulator: Simulator) -> None:
    await told(OpenAiProvider("azure", simulator.base_url, {"fast": "m"}, api_key="k", api_version="2024-10-21"))
    assert simulator.headers[0]["api-key"] == "k"
    assert "Authorization" not in simulator.headers[0]
    assert simulator.queries[0] == "api-version=2024-10-21"


async def test_what_stays_the_same_is_sent_first(provider: OpenAiProvider, simulator: Simulator) -> None:
    messages = (ChatMessage("user", "Hello"), ChatMessage("system", "Be brief."))
    await told(provider, replace(REQUEST, messages=messages, tools=(DAYS,)))
    assert list(simulator.requests[0])[:3] == ["model", "tools", "messages"]
    assert [message["role"] for message in simulator.requests[0]["messages"]] == ["system", "user"]


@pytest.mark.parametrize("model", ["o3-mini", "gpt-5.1", "openai/gpt-5-mini"])
async def test_reasoning_models_get_their_own_parameters(simulator: Simulator, model: str) -> None:
    await told(make_provider("openai", simulator.base_url, model=model))
    assert simulator.requests[0]["max_completion_tokens"] == 1024
    assert not simulator.requests[0].keys() & {"max_tokens", "temperature"}


@pytest.mark.parametrize("model", ["gpt-4o", "llama-3.1-8b", "qwen3:30b", "anthropic/claude-sonnet-4-5"])
async def test_other_models_get_the_usual_ones(simulator: Simulator, model: str) -> None:
    await told(make_provider("openai", simulator.base_url, model=model))
    assert (simulator.requests[0]["max_tokens"], simulator.requests[0]["temperature"]) == (1024, 0.0)


async def test_tool_calls_come_whole(provider: OpenAiProvider, simulator: Simulator) -> None:
    simulator.script = [Reply(text="", tool_calls=(("vacation_days", '{"year": 2026}'), ("today", "{}")))]
    completed = (await told(provider, replace(REQUEST, tools=(DAYS,)))).completed
    assert completed.finish == "tool_calls"
    assert completed.tool_calls == (
        ToolCall("call_0", "vacation_days", '{"year": 2026}'),
        ToolCall("call_1", "today", "{}"),
    )


async def test_calls_and_results_are_sent_back(provider: OpenAiProvider, simulator: Simulator) -> None:
    call = ToolCall("call_0", "vacation_days", "{}")
    round_trip = (ChatMessage("assistant", "", (call,)), ChatMessage("tool", "12", tool_call_id="call_0"))
    await told(provider, replace(REQUEST, messages=REQUEST.messages + round_trip, tools=(DAYS,)))
    sent = simulator.requests[0]["messages"][-2:]
    assert sent[0]["content"] is None
    assert sent[0]["tool_calls"][0]["function"] == {"name": "vacation_days", "arguments": "{}"}
    assert sent[1] == {"role": "tool", "content": "12", "tool_call_id": "call_0"}


async def test_a_schema_is_asked_for_strictly(provider: OpenAiProvider, simulator: Simulator) -> None:
    simulator.script = [Reply(text='{"weeks": 16}')]
    answer = await told(provider, replace(REQUEST, output=OutputSchema("answer", ANSWER)))
    asked = simulator.requests[0]["response_format"]["json_schema"]
    assert (asked["name"], asked["strict"], asked["schema"]["required"]) == ("answer", True, ["weeks"])
    assert json.loads(answer.text) == {"weeks": 16}


def test_a_strict_schema_is_closed_at_every_level() -> None:
    inner = {"type": "object", "properties": {"default": {"type": "string", "default": ""}}}
    schema = {"$defs": {"inner": inner}, "anyOf": [inner], "properties": {"a": {"$ref": "#/$defs/inner"}}}
    closed: dict[str, Any] = {"type": "object", "properties": {"default": {"type": "string"}}}
    closed |= {"required": ["default"], "additionalProperties": False}
    assert strict(schema)["$defs"]["inner"] == strict(schema)["anyOf"][0] == closed


def test_nothing_stands_beside_a_reference_in_a_strict_schema() -> None:
    described = {"$ref": "#/$defs/inner", "description": "The inner one.", "default": {}}
    assert strict({"properties": {"a": described}})["properties"]["a"] == {"$ref": "#/$defs/inner"}


class Weeks(BaseModel):
    weeks: int


class Days(BaseModel):
    kind: Literal["days"]


class MoreDays(BaseModel):
    kind: Literal["more"]


class Either(BaseModel):
    one: Days | MoreDays = Field(discriminator="kind")


class Tree(BaseModel):
    below: list["Tree"] = []


@pytest.mark.parametrize(
    ("fields", "is_strict"),
    [
        ({"a": (Weeks, Field(description="Described."))}, True),
        ({"a": (Weeks | None, None)}, True),
        ({"a": (dict[str, int], ...)}, False),
        ({"a": (list[dict[str, Any]], ...)}, False),
        ({"a": (tuple[int, str], ...)}, False),
        ({"a": (Either, ...)}, False),
        ({"a": (Tree, ...)}, True),
    ],
)
def test_a_schema_is_strict_where_strict_mode_can_say_it(fields: dict[str, Any], is_strict: bool) -> None:
    answer: type[BaseModel] = create_model("Answer", **fields)
    schema = answer.model_json_schema()
    sent = output_of(OutputSchema("Answer", schema))
    assert sent["strict"] == is_strict
    assert sent["schema"] == (strict(schema) if is_strict else schema)


def test_a_schema_whose_root_is_a_reference_is_not_strict() -> None:
    assert output_of(OutputSchema("Tree", Tree.model_json_schema()))["strict"] is False


@pytest.mark.parametrize(("reply", "seconds"), [(RATE_LIMITED_FOR_A_WHILE, 7), (RATE_LIMITED_BY_HEADERS, 360)])
async def test_a_429_says_when_to_come_back(
    provider: OpenAiProvider, simulator: Simulator, reply: Reply, seconds: float
) -> None:
    simulator.script = [reply]
    error = (await failed(provider)).error
    assert (error.fault, error.retry_after_s, error.status) == (Fault.RATE_LIMITED, seconds, 429)
    assert dict(error.rate_limits) == {
        name.removeprefix("x-ratelimit-"): value for name, value in reply.headers.items() if name != "Retry-After"
    }


@pytest.mark.parametrize(
    "chunk",
    [{}, {"choices": []}, {"choices": None}, {"choices": "x"}, {"choices": [None]}, delta(content=None),
     delta(role="x"), {"choices": [{"index": 1, "delta": {"content": "other"}}]}, {"choices": [{"delta": None}]},
     {"usage": 3}],
)  # fmt: skip
def test_a_chunk_that_says_nothing_says_nothing(chunk: dict[str, Any]) -> None:
    assert taken(chunk)[0] == ""


def test_text_in_parts_is_joined() -> None:
    assert taken(delta(content=[{"type": "text", "text": "a"}, {"type": "image"}, {"text": "b"}]))[0] == "ab"


def test_calls_without_an_index_are_told_apart_by_their_ids() -> None:
    first, second = ({"id": key, "function": {"name": key, "arguments": "{"}} for key in "ab")
    _, draft = taken(
        delta(tool_calls=[first]), delta(tool_calls=[{"function": {"arguments": "}"}}]), delta(tool_calls=[second])
    )
    assert [(call.name, call.arguments) for call in draft.calls.values()] == [("a", "{}"), ("b", "{")]


def test_a_refusal_without_text_is_one_in_the_model_s_words() -> None:
    _, draft = taken(delta(refusal="I can't "), delta(refusal="help."))
    with pytest.raises(ProviderFailed, match=r"I can't help\.") as caught:
        draft.completed(REQUEST, {})
    assert caught.value.fault is Fault.REFUSED


@pytest.mark.parametrize("choice", [{"finish_reason": "error"}, {"error": {"code": 502, "message": "upstream"}}])
def test_a_choice_that_failed_is_a_failure(choice: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailed) as caught:
        taken(delta(content="Well"), {"choices": [choice]})
    assert caught.value.fault is Fault.OVERLOADED


def test_a_filter_that_breaks_off_an_answer_leaves_it_cut() -> None:
    _, draft = taken(delta(content="Well"), {"choices": [{"delta": {}, "finish_reason": "content_filter"}]})
    assert draft.completed(REQUEST, {}).finish == "length"


@pytest.mark.parametrize("usage", [{"prompt_tokens": -1}, {"prompt_tokens": "9"}, {"prompt_tokens": 10**12}, {}, None])
def test_nonsense_for_usage_is_no_usage(usage: Any) -> None:
    assert taken(delta(content="x") | {"usage": usage})[1].completed(REQUEST, {}).is_estimated


def test_deepseek_s_name_for_cached_tokens_is_known() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 4}
    assert taken(delta(content="x") | {"usage": usage})[1].completed(REQUEST, {}).cached_input_tokens == 4


@pytest.mark.parametrize("answer", [{}, {"choices": []}, {"choices": [{}]}, {"models": []}])
def test_a_whole_answer_without_choices_is_malformed(answer: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailed) as caught:
        take_whole(Draft(), answer)
    assert caught.value.fault is Fault.MALFORMED
