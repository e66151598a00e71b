"""
The answer as far as it was read: both wire formats fill one of these, and `completed` says what came of it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from governance.gateway.faults import Fault, ProviderFailed, whole
from governance.gateway.types import Completed, CompletionRequest, Finish, ToolCall

BYTES_PER_TOKEN = 4
"""
For providers that send no usage: one token for four bytes of UTF-8, rounded up.

English has about four letters to a token; scripts with two or three bytes to a letter have fewer letters to a token.
"""

_HALF = re.compile("[\ud800-\udbff]")
"""The first half of a character that UTF-16, and so JSON's escapes, write as two."""

_CUT_SHORT = {"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"}
_REFUSALS = {"content_filter", "refusal", "safety", "blocked"}


@dataclass(slots=True)
class CallDraft:
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Draft:
    """
    `written_bytes` counts all that the model wrote, thoughts and arguments included: while it grows, the model lives.

    `is_over`: the format's own end mark was read. Token counts are 0 as long as the provider hasn't told them.
    """

    finish_reason: str = ""
    is_over: bool = False
    refusal: str = ""
    has_text: bool = False
    written_bytes: int = 0
    calls: dict[int, CallDraft] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    _half: str = ""

    @property
    def is_whole(self) -> bool:
        return self.is_over or bool(self.finish_reason)

    def wrote(self, text: str) -> None:
        """Something that isn't part of the visible text."""
        self.written_bytes += size(text)

    def said(self, text: str) -> str:
        """What of it can be shown, and stored: half a character waits for its other half."""
        text = self._half + text.replace("\0", "")
        self._half = text[-1:] if _HALF.match(text[-1:]) else ""
        text = whole(text.removesuffix(self._half))
        self.wrote(text)
        self.has_text = self.has_text or bool(text.strip())
        return text

    def completed(self, request: CompletionRequest, rate_limits: Mapping[str, str]) -> Completed:
        """Raises ProviderFailed when nothing was said: REFUSED or EMPTY."""
        calls = tuple(
            ToolCall(call.id or f"call_{index}", call.name, call.arguments or "{}")
            for index, call in sorted(self.calls.items())
            if call.name
        )
        if not self.has_text and not calls:
            raise self._nothing_said()
        used = self.used(request, rate_limits)
        return replace(used, tool_calls=calls, finish=self._finish(calls))

    def used(self, request: CompletionRequest, rate_limits: Mapping[str, str]) -> Completed:
        """What has to be paid so far, also for an answer that did not come to its end."""
        is_estimated = not (self.input_tokens and self.output_tokens)
        input_tokens = self.input_tokens or tokens(input_bytes(request))
        cached = min(self.cached_input_tokens, input_tokens)
        return Completed(
            input_tokens=input_tokens,
            output_tokens=self.output_tokens or (tokens(self.written_bytes) if self.written_bytes else 0),
            cached_input_tokens=cached,
            cache_write_tokens=min(self.cache_write_tokens, input_tokens - cached),
            is_estimated=is_estimated,
            rate_limits=rate_limits,
        )

    def _finish(self, calls: tuple[ToolCall, ...]) -> Finish:
        """An answer that a filter broke off isn't whole either: `length`."""
        if self.finish_reason in _CUT_SHORT | _REFUSALS:
            return "length"
        return "tool_calls" if calls else "stop"

    def _nothing_said(self) -> ProviderFailed:
        if self.refusal or self.finish_reason in _REFUSALS:
            return ProviderFailed(Fault.REFUSED, self.refusal or "the provider's filter blocked the answer")
        if self.finish_reason in _CUT_SHORT:
            return ProviderFailed(Fault.NO_ROOM, "the model used up its output tokens without a visible word")
        return ProviderFailed(Fault.EMPTY, "the answer holds no text")


def size(text: str) -> int:
    return len(text.encode(errors="replace"))


def tokens(n_bytes: int) -> int:
    return max(1, -(-n_bytes // BYTES_PER_TOKEN))


def input_bytes(request: CompletionRequest) -> int:
    """Of what the model reads: messages, calls and tools."""
    said = (message.content for message in request.messages)
    called = (call.name + call.arguments for message in request.messages for call in message.tool_calls)
    offered = (tool.name + tool.description + json.dumps(tool.parameters) for tool in request.tools)
    asked = json.dumps(request.output.schema) if request.output else ""
    return sum(map(size, (*said, *called, *offered, asked)))
