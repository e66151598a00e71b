"""
Any server that speaks OpenAI's chat completions: OpenAI, Azure, vLLM, Ollama, llama.cpp, LiteLLM and many more.

Wire format: https://platform.openai.com/docs/api-reference/chat
"""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.providers import failures, traits
from governance.gateway.providers.draft import CallDraft, Draft
from governance.gateway.providers.values import JsonObject, a_count, a_list, a_text, an_object
from governance.gateway.providers.wire import Call, Timeouts, told
from governance.gateway.types import ChatMessage, CompletionRequest, OutputSchema, StreamItem, Tier

REFUSED_IN_STRICT = frozenset(
    {"oneOf", "allOf", "not", "if", "patternProperties", "prefixItems", "dependentRequired", "dependentSchemas"}
)
"""https://platform.openai.com/docs/guides/structured-outputs#supported-schemas"""


@dataclass(frozen=True, slots=True)
class OpenAiProvider:
    """
    Models behind an OpenAI-compatible `base_url`, the part before `/chat/completions`.

    With an `api_version` it is called as Azure wants it: the key in `api-key`, the version in the address, the
    deployment's name in the base URL.
    """

    name: str
    base_url: str
    models: Mapping[Tier, str]
    api_key: str = field(default="", repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    streams: bool = True
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_version: str = ""

    def stream(
        self, request: CompletionRequest, /, *, model: str, headers: Mapping[str, str]
    ) -> AsyncGenerator[StreamItem]:
        return told(
            Call(
                url=self._url(),
                headers={**headers, **self.extra_headers, **self._key()},
                body=body(request, model, streams=self.streams),
                request=request,
                timeouts=self.timeouts,
                streams=self.streams,
                take=take,
                take_whole=take_whole,
                secrets=(self.api_key, *self.extra_headers.values()),
            )
        )

    def _url(self) -> str:
        version = f"?api-version={self.api_version}" if self.api_version else ""
        return f"{self.base_url.rstrip('/')}/chat/completions{version}"

    def _key(self) -> dict[str, str]:
        if not self.api_key:
            return {}
        return {"api-key": self.api_key} if self.api_version else {"Authorization": f"Bearer {self.api_key}"}


def body(request: CompletionRequest, model: str, *, streams: bool) -> JsonObject:
    """
    The request in OpenAI's words.

    What stays the same from question to question goes first, for OpenAI caches prompts by their beginning.
    """
    sent: JsonObject = {"model": model}
    if request.tools:
        sent["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in request.tools
        ]
    sent["messages"] = [message_of(message) for message in sorted(request.messages, key=lambda m: m.role != "system")]
    if request.output:
        sent["response_format"] = {"type": "json_schema", "json_schema": output_of(request.output)}
    if traits.takes_temperature(model):
        sent["temperature"] = request.temperature
    limit = "max_completion_tokens" if traits.wants_max_completion_tokens(model) else "max_tokens"
    sent[limit] = request.max_output_tokens
    if streams:
        sent |= {"stream": True, "stream_options": {"include_usage": True}}
    return sent


def message_of(message: ChatMessage) -> JsonObject:
    sent: JsonObject = {"role": message.role, "content": message.content}
    if message.role == "tool":
        sent["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        sent["content"] = message.content or None
        sent["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    return sent


def output_of(output: OutputSchema) -> JsonObject:
    """Strict where strict mode can say it. What it can't is sent as it is: the answer is validated here anyway."""
    schema = output.schema
    if schema.get("type") == "object" and can_be_strict(schema):
        return {"name": output.name, "schema": strict(schema), "strict": True}
    return {"name": output.name, "schema": schema, "strict": False}


def can_be_strict(schema: Any) -> bool:
    """Whether it holds no map from free names and no keyword that strict mode refuses."""
    if isinstance(schema, list):
        return all(map(can_be_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    is_map = schema.get("type") == "object" and "properties" not in schema
    is_open = schema.get("additionalProperties", False) is not False
    if is_map or is_open or REFUSED_IN_STRICT & schema.keys():
        return False
    return all(map(can_be_strict, schema.values()))


def strict(schema: Any) -> Any:
    """
    The schema as strict mode wants it.

    Each object is closed, each property required; no defaults, and nothing beside a `$ref`.
    """
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": schema["$ref"]}
    closed = {key: strict(part) for key, part in schema.items() if key != "default" or isinstance(part, Mapping)}
    if isinstance(schema.get("properties"), Mapping):
        closed |= {"required": list(schema["properties"]), "additionalProperties": False}
    return closed


def take(draft: Draft, chunk: JsonObject) -> str:
    """One chunk of a stream. Only the first choice counts."""
    _require_no_error(chunk)
    _take_usage(draft, an_object(chunk.get("usage")))
    choice = _first_choice(chunk)
    _take_finish(draft, choice)
    return _take_message(draft, an_object(choice.get("delta")))


def take_whole(draft: Draft, answer: JsonObject) -> str:
    _require_no_error(answer)
    choice = _first_choice(answer)
    if "message" not in choice:
        raise ProviderFailed(Fault.MALFORMED, "an answer without choices: is this the API of chat completions?")
    draft.is_over = True
    _take_finish(draft, choice)
    _take_usage(draft, an_object(answer.get("usage")))
    return _take_message(draft, an_object(choice["message"]))


def _require_no_error(answer: JsonObject) -> None:
    if answer.get("error"):
        raise failures.of_error_object(answer["error"])
    if answer.get("object") == "error":  # vLLM
        raise failures.of_error_object(answer)


def _take_finish(draft: Draft, choice: JsonObject) -> None:
    """OpenRouter says in the choice that the model behind it failed."""
    reason = a_text(choice.get("finish_reason"))
    if choice.get("error") or reason == "error":
        raise failures.of_error_object(choice.get("error") or "the model failed")
    draft.finish_reason = reason or draft.finish_reason


def _first_choice(answer: JsonObject) -> JsonObject:
    choices = map(an_object, a_list(answer.get("choices")))
    return next((choice for choice in choices if not choice.get("index")), {})


def _take_message(draft: Draft, message: JsonObject) -> str:
    """Thoughts (`reasoning_content`, `reasoning`) show that the model lives, and are not shown."""
    draft.wrote(a_text(message.get("reasoning_content")) or a_text(message.get("reasoning")))
    refusal = a_text(message.get("refusal"))
    draft.refusal += refusal
    draft.wrote(refusal)
    for part in map(an_object, a_list(message.get("tool_calls"))):
        _take_call(draft, part)
    return draft.said(a_text(message.get("content")))


def _take_call(draft: Draft, part: JsonObject) -> None:
    """A tool call comes in pieces that belong together by index; some servers leave it out, and begin with an id."""
    index = part.get("index")
    if not isinstance(index, int):
        index = len(draft.calls) if part.get("id") else max(0, len(draft.calls) - 1)
    call = draft.calls.setdefault(index, CallDraft())
    function = an_object(part.get("function"))
    name = "" if call.name else a_text(function.get("name"))
    call.id = call.id or a_text(part.get("id"))
    call.name += name
    arguments = function.get("arguments")
    piece = json.dumps(arguments) if isinstance(arguments, dict) else a_text(arguments)
    call.arguments += piece
    draft.wrote(name + piece)


def _take_usage(draft: Draft, usage: JsonObject) -> None:
    """Cached input is named three ways: OpenAI's, DeepSeek's, and Anthropic's by way of LiteLLM."""
    details = an_object(usage.get("prompt_tokens_details"))
    cached = a_count(details.get("cached_tokens")) or a_count(usage.get("prompt_cache_hit_tokens"))
    draft.input_tokens = a_count(usage.get("prompt_tokens")) or draft.input_tokens
    draft.output_tokens = a_count(usage.get("completion_tokens")) or draft.output_tokens
    draft.cached_input_tokens = cached or draft.cached_input_tokens
    draft.cache_write_tokens = a_count(usage.get("cache_creation_input_tokens")) or draft.cache_write_tokens
