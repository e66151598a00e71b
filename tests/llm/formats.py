"""The two wire formats, as a provider writes them."""

import json
from collections.abc import Iterator
from typing import Any, Protocol

from tests.llm.replies import Reply

JsonObject = dict[str, Any]


class Format(Protocol):
    """A stream is `opening`, the `piece`s of the text, `closing`: each a list of events as they stand on the wire."""

    def opening(self, reply: Reply, asked: JsonObject) -> list[str]: ...
    def piece(self, text: str, asked: JsonObject) -> list[str]: ...
    def closing(self, reply: Reply, asked: JsonObject) -> list[str]: ...
    def whole(self, reply: Reply, asked: JsonObject) -> JsonObject: ...
    def error(self, reply: Reply) -> JsonObject: ...
    def error_event(self, reply: Reply) -> str: ...


def output_tokens(reply: Reply) -> int:
    return len(reply.pieces) + sum(len(arguments) // 4 + 1 for _, arguments in reply.tool_calls)


def halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


def message_of(reply: Reply) -> str:
    return reply.error_message or f"simulated {reply.status}"


class OpenAiFormat:
    def opening(self, reply: Reply, asked: JsonObject) -> list[str]:
        thoughts = [self._chunk({"reasoning_content": reply.thoughts})] if reply.thoughts else []
        return [self._chunk({"role": "assistant", "content": None}), *thoughts]

    def piece(self, text: str, asked: JsonObject) -> list[str]:
        return [self._chunk({"content": text})]

    def closing(self, reply: Reply, asked: JsonObject) -> list[str]:
        events = [self._chunk({"tool_calls": [part]}) for part in self._call_parts(reply)]
        if reply.with_finish:
            events.append(self._chunk({}, finish=self._finish(reply)))
        if reply.with_usage and asked.get("stream_options", {}).get("include_usage"):
            events.append(_data({"object": "chat.completion.chunk", "choices": [], "usage": self._usage(reply)}))
        return [*events, "data: [DONE]\n\n"] if reply.with_done else events

    def whole(self, reply: Reply, asked: JsonObject) -> JsonObject:
        message: JsonObject = {"role": "assistant", "content": reply.text or None, "refusal": None}
        if reply.tool_calls:
            message["tool_calls"] = [
                {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
                for n, (name, arguments) in enumerate(reply.tool_calls)
            ]
        answer: JsonObject = {
            "object": "chat.completion",
            "model": asked["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": self._finish(reply)}],
        }
        return answer | {"usage": self._usage(reply)} if reply.with_usage else answer

    def error(self, reply: Reply) -> JsonObject:
        kind = reply.error_type or "server_error"
        return {"error": {"message": message_of(reply), "type": kind, "param": None, "code": None}}

    def error_event(self, reply: Reply) -> str:
        return _data(self.error(reply))

    def _chunk(self, delta: JsonObject, finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _data({"object": "chat.completion.chunk", "choices": [choice], "usage": None})

    def _call_parts(self, reply: Reply) -> Iterator[JsonObject]:
        """The name first, then the arguments in two halves."""
        for index, (name, arguments) in enumerate(reply.tool_calls):
            function = {"name": name, "arguments": ""}
            yield {"index": index, "id": f"call_{index}", "type": "function", "function": function}
            for part in halves(arguments):
                yield {"index": index, "function": {"arguments": part}}

    def _finish(self, reply: Reply) -> str:
        return reply.finish or ("tool_calls" if reply.tool_calls else "stop")

    def _usage(self, reply: Reply) -> JsonObject:
        return {
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": output_tokens(reply),
            "total_tokens": reply.input_tokens + output_tokens(reply),
            "prompt_tokens_details": {"cached_tokens": reply.cached_tokens},
            "cache_creation_input_tokens": reply.cache_write_tokens,
        }


class AnthropicFormat:
    """With a forced tool, the text is that tool's input: it has to be JSON then."""

    def opening(self, reply: Reply, asked: JsonObject) -> list[str]:
        usage = self._usage(reply) | {"output_tokens": 1} if reply.with_usage else {}
        message = {"type": "message", "role": "assistant", "model": asked["model"], "content": [], "usage": usage}
        events = [_event("message_start", message=message), _event("ping")]
        if reply.thoughts:
            events += [
                self._begin(9, {"type": "thinking", "thinking": ""}),
                self._delta(9, {"type": "thinking_delta", "thinking": reply.thoughts}),
                _event("content_block_stop", index=9),
            ]
        if name := forced_tool(asked):
            return [*events, self._begin(0, {"type": "tool_use", "id": "toolu_out", "name": name, "input": {}})]
        return [*events, self._begin(0, {"type": "text", "text": ""})]

    def piece(self, text: str, asked: JsonObject) -> list[str]:
        if forced_tool(asked):
            return [self._delta(0, {"type": "input_json_delta", "partial_json": text})]
        return [self._delta(0, {"type": "text_delta", "text": text})]

    def closing(self, reply: Reply, asked: JsonObject) -> list[str]:
        events = [_event("content_block_stop", index=0)]
        for index, (name, arguments) in enumerate(reply.tool_calls, start=1):
            block = {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}}
            parts = [{"type": "input_json_delta", "partial_json": part} for part in halves(arguments)]
            events += [self._begin(index, block), *(self._delta(index, part) for part in parts)]
            events.append(_event("content_block_stop", index=index))
        if reply.with_finish:
            usage = {"output_tokens": output_tokens(reply)} if reply.with_usage else {}
            delta = {"stop_reason": self._finish(reply, asked), "stop_sequence": None}
            events.append(_event("message_delta", delta=delta, usage=usage))
        return [*events, _event("message_stop")] if reply.with_done else events

    def whole(self, reply: Reply, asked: JsonObject) -> JsonObject:
        content: list[JsonObject] = [{"type": "text", "text": reply.text}] if reply.text else []
        if name := forced_tool(asked):
            content = [{"type": "tool_use", "id": "toolu_out", "name": name, "input": json.loads(reply.text)}]
        content += [
            {"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": json.loads(arguments)}
            for n, (name, arguments) in enumerate(reply.tool_calls, start=1)
        ]
        answer = {"type": "message", "role": "assistant", "model": asked["model"], "content": content}
        answer |= {"stop_reason": self._finish(reply, asked)}
        return answer | {"usage": self._usage(reply)} if reply.with_usage else answer

    def error(self, reply: Reply) -> JsonObject:
        return {"type": "error", "error": {"type": reply.error_type or "api_error", "message": message_of(reply)}}

    def error_event(self, reply: Reply) -> str:
        return f"event: error\ndata: {json.dumps(self.error(reply))}\n\n"

    def _begin(self, index: int, block: JsonObject) -> str:
        return _event("content_block_start", index=index, content_block=block)

    def _delta(self, index: int, delta: JsonObject) -> str:
        return _event("content_block_delta", index=index, delta=delta)

    def _finish(self, reply: Reply, asked: JsonObject) -> str:
        return reply.finish or ("tool_use" if reply.tool_calls or forced_tool(asked) else "end_turn")

    def _usage(self, reply: Reply) -> JsonObject:
        """Anthropic's `input_tokens` are those that the cache had no part in."""
        return {
            "input_tokens": reply.input_tokens - reply.cached_tokens - reply.cache_write_tokens,
            "cache_read_input_tokens": reply.cached_tokens,
            "cache_creation_input_tokens": reply.cache_write_tokens,
            "output_tokens": output_tokens(reply),
        }


def forced_tool(asked: JsonObject) -> str:
    name: str = asked.get("tool_choice", {}).get("name", "")
    return name


def _data(value: JsonObject) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def _event(kind: str, **fields: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields}, ensure_ascii=False)}\n\n"
