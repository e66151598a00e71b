"""
Anthropic's Messages, and servers that speak the same.

Wire format: https://docs.anthropic.com/en/api/messages
"""

import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.providers import failures, traits
from governance.gateway.providers.draft import CallDraft, Draft
from governance.gateway.providers.values import JsonObject, a_count, a_list, a_text, an_object
from governance.gateway.providers.wire import Call, Timeouts, told
from governance.gateway.types import ChatMessage, CompletionRequest, StreamItem, Tier, ToolCall

BASE_URL = "https://api.anthropic.com"
VERSION = "2023-06-01"
CACHED = {"cache_control": {"type": "ephemeral"}}


@dataclass(frozen=True, slots=True)
class AnthropicProvider:
    """Models behind a `base_url`, the part before `/v1/messages`; with or without the `/v1`."""

    name: str
    base_url: str
    models: Mapping[Tier, str]
    api_key: str = field(default="", repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    streams: bool = True
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def stream(
        self, request: CompletionRequest, /, *, model: str, headers: Mapping[str, str]
    ) -> AsyncGenerator[StreamItem]:
        output_name = request.output.name if request.output else ""
        key = {"x-api-key": self.api_key} if self.api_key else {}
        return told(
            Call(
                url=f"{(self.base_url or BASE_URL).rstrip('/').removesuffix('/v1')}/v1/messages",
                headers={"anthropic-version": VERSION, **headers, **self.extra_headers, **key},
                body=body(request, model, streams=self.streams),
                request=request,
                timeouts=self.timeouts,
                streams=self.streams,
                take=partial(take, output_name=output_name),
                take_whole=partial(take_whole, output_name=output_name),
                secrets=(self.api_key, *self.extra_headers.values()),
            )
        )


def body(request: CompletionRequest, model: str, *, streams: bool) -> JsonObject:
    """
    The request in Anthropic's words.

    Tools and system are the beginning that is cached: the mark on the last of them covers all before it. An answer of
    a schema is asked for as the arguments of a tool that the model has to call.
    """
    sent: JsonObject = {"model": model, "max_tokens": request.max_output_tokens}
    tools, system = _tools(request), [_text(m.content) for m in request.messages if m.role == "system" and m.content]
    if stable := system or tools:
        stable[-1] |= CACHED
    if tools:
        sent["tools"] = tools
    if system:
        sent["system"] = system
    sent["messages"] = _turns([message for message in request.messages if message.role != "system"])
    if request.output:
        choice = {"type": "any"} if request.tools else {"type": "tool", "name": request.output.name}
        sent["tool_choice"] = choice | {"disable_parallel_tool_use": True}
    if traits.takes_temperature(model):
        sent["temperature"] = request.temperature
    if streams:
        sent["stream"] = True
    return sent


def _tools(request: CompletionRequest) -> list[JsonObject]:
    tools: list[JsonObject] = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.parameters} for tool in request.tools
    ]
    if request.output:
        tools.append(
            {
                "name": request.output.name,
                "description": "Give the answer by calling this tool.",
                "input_schema": request.output.schema,
            }
        )
    return tools


def _turns(messages: Iterable[ChatMessage]) -> list[JsonObject]:
    """User and assistant in turns; the results of tools are the user's, and all of one round stand in one turn."""
    turns: list[JsonObject] = []
    for is_assistant, group in groupby(messages, lambda message: message.role == "assistant"):
        blocks = [block for message in group for block in _blocks(message)]
        if blocks:
            turns.append({"role": "assistant" if is_assistant else "user", "content": blocks})
    return turns


def _blocks(message: ChatMessage) -> list[JsonObject]:
    """Empty texts are left out: the API takes none."""
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.content}]
    said = [_text(message.content)] if message.content.strip() else []
    return said + [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": _arguments(call)} for call in message.tool_calls
    ]


def _text(text: str) -> JsonObject:
    return {"type": "text", "text": text}


def _arguments(call: ToolCall) -> JsonObject:
    """The API takes only an object; what the model wrote instead of one is kept in it."""
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        arguments = call.arguments
    return arguments if isinstance(arguments, dict) else {"unreadable": arguments}


def take(draft: Draft, event: JsonObject, *, output_name: str) -> str:
    """One event of a stream; kinds that aren't known, such as `ping`, say nothing."""
    if event.get("error"):
        raise failures.of_error_object(event["error"])
    match event.get("type"):
        case "message_start":
            _take_usage(draft, an_object(an_object(event.get("message")).get("usage")))
        case "content_block_start":
            return _take_block(draft, _index(event), an_object(event.get("content_block")), output_name)
        case "content_block_delta":
            return _take_delta(draft, _index(event), an_object(event.get("delta")))
        case "message_delta":
            draft.finish_reason = a_text(an_object(event.get("delta")).get("stop_reason")) or draft.finish_reason
            _take_usage(draft, an_object(event.get("usage")))
        case "message_stop":
            draft.is_over = True
    return ""


def take_whole(draft: Draft, answer: JsonObject, *, output_name: str) -> str:
    if answer.get("error"):
        raise failures.of_error_object(answer["error"])
    if not isinstance(answer.get("content"), list):
        raise ProviderFailed(Fault.MALFORMED, "an answer without content: is this the Messages API?")
    draft.is_over = True
    draft.finish_reason = a_text(answer.get("stop_reason"))
    _take_usage(draft, an_object(answer.get("usage")))
    blocks = enumerate(map(an_object, a_list(answer["content"])))
    return "".join(_take_block(draft, index, block, output_name) for index, block in blocks)


def _take_block(draft: Draft, index: int, block: JsonObject, output_name: str) -> str:
    """The beginning of a block in a stream, or a whole one: then its input is filled in."""
    kind = block.get("type")
    if kind == "text":
        return draft.said(a_text(block.get("text")))
    if kind == "thinking":
        draft.wrote(a_text(block.get("thinking")))
    if kind != "tool_use":
        return ""
    name, arguments = a_text(block.get("name")), json.dumps(block["input"]) if block.get("input") else ""
    if output_name and name == output_name:
        return draft.said(arguments)
    draft.calls[index] = CallDraft(a_text(block.get("id")), name, arguments)
    draft.wrote(name + arguments)
    return ""


def _take_delta(draft: Draft, index: int, delta: JsonObject) -> str:
    """JSON that belongs to no tool call is the answer that a schema was asked for."""
    match delta.get("type"):
        case "text_delta":
            return draft.said(a_text(delta.get("text")))
        case "input_json_delta":
            piece = a_text(delta.get("partial_json"))
            if index not in draft.calls:
                return draft.said(piece)
            draft.calls[index].arguments += piece
            draft.wrote(piece)
        case "thinking_delta":
            draft.wrote(a_text(delta.get("thinking")))
    return ""


def _take_usage(draft: Draft, usage: JsonObject) -> None:
    """`input_tokens` leaves out what the cache read and wrote. Counts come at the start, and again at the end."""
    read, written = a_count(usage.get("cache_read_input_tokens")), a_count(usage.get("cache_creation_input_tokens"))
    plain = a_count(usage.get("input_tokens"))
    if plain or read or written:
        draft.cached_input_tokens = read or draft.cached_input_tokens
        draft.cache_write_tokens = written or draft.cache_write_tokens
        draft.input_tokens = plain + draft.cached_input_tokens + draft.cache_write_tokens
    draft.output_tokens = a_count(usage.get("output_tokens")) or draft.output_tokens


def _index(event: JsonObject) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0
