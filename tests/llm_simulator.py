"""
A model provider of our own making, over real HTTP: OpenAI's chat completions, streamed, with faults on demand.

Each request takes the next `Reply` from the script; the last one goes on for ever. Requests are kept for inspection.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """How the simulator answers one request. Times in seconds."""

    text: str = "Parental leave is 16 weeks [1]."
    piece_chars: int = 5
    status: int = 200
    first_token_s: float = 0.0
    token_s: float = 0.0
    with_usage: bool = True
    cut_after: int | None = None
    error_after: int | None = None
    malformed_after: int | None = None
    hang_after: int | None = None
    with_done: bool = True
    split_bytes: bool = False


@dataclass
class Simulator:
    script: list[Reply] = field(default_factory=lambda: [Reply()])
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    base_url: str = ""
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def next_reply(self) -> Reply:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    async def chat_completions(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.headers.append(dict(request.headers))
        reply = self.next_reply()
        if reply.status != 200:
            return web.json_response({"error": {"message": f"simulated {reply.status}"}}, status=reply.status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await asyncio.sleep(reply.first_token_s)
        try:
            async for data in events(reply, self.requests[-1], self.closing):
                await write(response, data, split=reply.split_bytes)
        except ConnectionResetError:
            if request.transport:
                request.transport.abort()
        return response


async def events(reply: Reply, body: dict[str, Any], closing: asyncio.Event) -> AsyncIterator[str]:
    pieces = [reply.text[i : i + reply.piece_chars] for i in range(0, len(reply.text), reply.piece_chars)]
    for number, piece in enumerate(pieces):
        if number == reply.cut_after:
            raise ConnectionResetError
        if number == reply.error_after:
            yield json.dumps({"error": {"message": "overloaded"}})
            return
        if number == reply.malformed_after:
            yield '{"choices": [{'
            return
        if number == reply.hang_after:
            await closing.wait()
            return
        yield json.dumps({"model": body["model"], "choices": [{"index": 0, "delta": {"content": piece}}]})
        await asyncio.sleep(reply.token_s)
    if reply.with_usage:
        usage = {"prompt_tokens": 1000, "completion_tokens": len(pieces)}
        yield json.dumps({"choices": [], "usage": usage})
    if reply.with_done:
        yield "[DONE]"


async def write(response: web.StreamResponse, data: str, *, split: bool) -> None:
    raw = f": keep-alive\n\ndata: {data}\n\n".encode()
    for chunk in [raw[i : i + 7] for i in range(0, len(raw), 7)] if split else [raw]:
        await response.write(chunk)
        if split:
            await asyncio.sleep(0)


@contextmanager
def running_simulator() -> Iterator[Simulator]:
    """A simulator on a free port of the loopback interface, in a thread of its own."""
    simulator, loop, ready = Simulator(), asyncio.new_event_loop(), threading.Event()
    runner: list[web.AppRunner] = []

    async def start() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", simulator.chat_completions)
        runner.append(web.AppRunner(app, shutdown_timeout=0.1))
        await runner[0].setup()
        site = web.TCPSite(runner[0], "127.0.0.1", 0)
        await site.start()
        simulator.base_url = f"http://127.0.0.1:{runner[0].addresses[0][1]}/v1"
        ready.set()

    def serve() -> None:
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield simulator
    finally:
        loop.call_soon_threadsafe(simulator.closing.set)
        asyncio.run_coroutine_threadsafe(runner[0].cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
