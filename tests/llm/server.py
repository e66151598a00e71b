"""
A model provider of our own making, over real HTTP: OpenAI's and Anthropic's formats, streamed and not, with faults.

Each request takes the next `Reply` from the script; the last one goes on for ever. Requests are kept for inspection.
"""

import asyncio
import base64
import json
import random
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.llm.formats import AnthropicFormat, Format, OpenAiFormat
from tests.llm.replies import OVERLOADED, Reply
from tests.llm.vectors import DIMENSION, vector_of

SPLIT_BYTES = 7
KEEP_ALIVE = ": keep-alive\n\n"


@dataclass
class Simulator:
    """
    `fail_share` of the calls, picked at random by `seed`, get `failure` instead of the script's next reply.

    `left` is set once a client has gone away in mid-answer, `closed_early` says how often one did.
    """

    script: list[Reply] = field(default_factory=lambda: [Reply()])
    fail_share: float = 0.0
    failure: Reply = OVERLOADED
    seed: int = 4
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    closed_early: int = 0
    left: threading.Event = field(default_factory=threading.Event)
    base_url: str = ""
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @property
    def calls(self) -> int:
        return len(self.requests)

    def next_reply(self) -> Reply:
        if self.fail_share and self._random.random() < self.fail_share:
            return self.failure
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    async def chat_completions(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, OpenAiFormat())

    async def messages(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, AnthropicFormat())

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        asked = await self._keep(request)
        reply = self.next_reply()
        if reply.status != 200:
            return web.json_response(OpenAiFormat().error(reply), status=reply.status, headers=dict(reply.headers))
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        vectors = [vector_of(text, asked.get("dimensions", DIMENSION)) for text in texts]
        if asked.get("encoding_format") == "base64":
            sent: list[Any] = [base64.b64encode(struct.pack(f"<{len(v)}f", *v)).decode() for v in vectors]
        else:
            sent = list(vectors)
        data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(sent)]
        n_tokens = sum(len(text.split()) for text in texts)
        usage = {"prompt_tokens": n_tokens, "total_tokens": n_tokens}
        return web.json_response({"object": "list", "model": asked["model"], "data": data, "usage": usage})

    async def models(self, _request: web.Request) -> web.StreamResponse:
        models = [{"id": name, "object": "model", "owned_by": "simulator"} for name in ("small", "large")]
        return web.json_response({"object": "list", "data": models})

    async def _answer(self, request: web.Request, wire: Format) -> web.StreamResponse:
        asked = await self._keep(request)
        reply = self.next_reply()
        try:
            await self._before_headers(reply)
            if reply.status != 200:
                return web.json_response(wire.error(reply), status=reply.status, headers=dict(reply.headers))
            if reply.content_type:
                return web.Response(text=reply.text, content_type=reply.content_type)
            is_streamed = asked.get("stream", False) and not reply.ignores_stream
            await _pause(
                reply.first_token_s if is_streamed else reply.first_token_s + reply.token_s * len(reply.pieces)
            )
            parts = self._stream(reply, asked, wire) if is_streamed else self._whole(reply, asked, wire)
            return await _sent(request, reply, parts, is_streamed=is_streamed)
        except ConnectionAbortedError:
            if request.transport:
                request.transport.abort()
            raise
        except (asyncio.CancelledError, ConnectionResetError):
            self.closed_early += 1
            self.left.set()
            raise

    async def _keep(self, request: web.Request) -> dict[str, Any]:
        asked: dict[str, Any] = await request.json()
        self.headers.append(request.headers)
        self.queries.append(request.query_string)
        if request.transport:
            self.connections.add(request.transport.get_extra_info("peername"))
        self.requests.append(asked)
        return asked

    async def _before_headers(self, reply: Reply) -> None:
        if reply.drops:
            raise ConnectionAbortedError
        if reply.hangs:
            await self.closing.wait()

    async def _stream(self, reply: Reply, asked: dict[str, Any], wire: Format) -> AsyncIterator[str]:
        yield KEEP_ALIVE
        for event in wire.opening(reply, asked):
            yield event
        for number, piece in enumerate([*reply.pieces, ""]):
            async for fault in self._faults(reply, number, KEEP_ALIVE):
                yield fault
            if number == reply.error_after:
                yield wire.error_event(reply)
                return
            if number == reply.malformed_after:
                yield 'data: {"choices": [{\n\n'
                return
            for event in wire.piece(piece, asked) if piece else ():
                yield event
                await _pause(reply.token_s)
        for event in wire.closing(reply, asked):
            yield event

    async def _whole(self, reply: Reply, asked: dict[str, Any], wire: Format) -> AsyncIterator[str]:
        if reply.error_after is not None:
            yield json.dumps(wire.error(reply))
            return
        body = json.dumps(wire.whole(reply, asked), ensure_ascii=False)
        yield body[: len(body) // 2]
        if reply.malformed_after is not None:
            return
        for moment in {reply.cut_after, reply.hang_after, reply.drip_after} - {None}:
            async for fault in self._faults(reply, moment, "\n"):
                yield fault
        yield body[len(body) // 2 :]

    async def _faults(self, reply: Reply, moment: int | None, keep_alive: str) -> AsyncIterator[str]:
        if moment == reply.cut_after:
            raise ConnectionAbortedError
        if moment == reply.hang_after:
            await self.closing.wait()
        while moment == reply.drip_after and not self.closing.is_set():
            yield keep_alive
            await asyncio.sleep(reply.drip_s)


async def _pause(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)


async def _sent(
    request: web.Request, reply: Reply, parts: AsyncIterator[str], *, is_streamed: bool
) -> web.StreamResponse:
    content_type = "text/event-stream; charset=utf-8" if is_streamed else "application/json"
    response = web.StreamResponse(headers={"Content-Type": content_type, **reply.headers})
    await response.prepare(request)
    async for part in parts:
        raw = part.encode()
        for start in range(0, len(raw), SPLIT_BYTES if reply.split_bytes else max(1, len(raw))):
            await response.write(raw[start : start + SPLIT_BYTES] if reply.split_bytes else raw)
            if reply.split_bytes:
                await asyncio.sleep(0)
    await response.write_eof()
    return response


def application(simulator: Simulator) -> web.Application:
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", simulator.chat_completions)
    app.router.add_post("/v1/messages", simulator.messages)
    app.router.add_post("/v1/embeddings", simulator.embeddings)
    app.router.add_get("/v1/models", simulator.models)
    return app


async def serve(simulator: Simulator, port: int = 0) -> web.AppRunner:
    """Listens on the loopback interface; `base_url` says where."""
    runner = web.AppRunner(application(simulator), shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    simulator.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    return runner


@contextmanager
def running_simulator(simulator: Simulator | None = None) -> Iterator[Simulator]:
    """A simulator on a free port of the loopback interface, in a thread of its own."""
    simulator = simulator or Simulator()
    loop, ready = asyncio.new_event_loop(), threading.Event()
    runner: list[web.AppRunner] = []

    def run() -> None:
        runner.append(loop.run_until_complete(serve(simulator)))
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
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


@contextmanager
def closed_port() -> Iterator[str]:
    """The address of a provider that isn't there: connections are refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


@contextmanager
def deaf_port() -> Iterator[str]:
    """The address of a machine that doesn't even refuse: its queue of connections is full."""
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.socket())
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        yield f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"
