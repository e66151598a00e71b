"""What no decent server sends: bytes of our own against the reading end."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from governance.gateway.faults import Fault
from governance.gateway.providers import sse, wire
from tests.llm.asking import failed, make_provider, told

SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
HELLO = b'data: {"choices": [{"index": 0, "delta": {"content": "Hello"}}]}\n\n'
STOP = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'


@asynccontextmanager
async def sending(raw: bytes) -> AsyncIterator[str]:
    """A server that answers whatever is asked with these bytes, and closes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        try:
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            pass  # the client had enough

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def text_of(raw: bytes) -> str:
    async with sending(raw) as base_url:
        return (await told(make_provider("openai", base_url))).text


async def fault_of(raw: bytes) -> Fault:
    async with sending(raw) as base_url:
        return (await failed(make_provider("openai", base_url))).error.fault


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (SSE + HELLO + STOP, "Hello"),
        (SSE + HELLO + b"data: [DONE]", "Hello"),
        (SSE + HELLO + STOP + b"data: {", "Hello"),
        (SSE + b"\xef\xbb\xbf" + (HELLO + STOP).replace(b"\n", b"\r\n"), "Hello"),
        (SSE + (HELLO + STOP).replace(b"\n", b"\r"), "Hello"),
        (SSE + HELLO * 3 + STOP + b"data: [DONE]\n\n" + HELLO, "HelloHelloHello"),
    ],
)
async def test_odd_endings_are_good_enough(raw: bytes, text: str) -> None:
    assert await text_of(raw) == text


async def test_a_compressed_stream_is_read() -> None:
    head = SSE.replace(b"Connection", b"Content-Encoding: gzip\r\nConnection")
    assert await text_of(head + gzip.compress(HELLO + STOP)) == "Hello"


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (SSE, Fault.BROKEN_OFF),
        (SSE + HELLO, Fault.BROKEN_OFF),
        (SSE + HELLO + b'data: {"choices": [', Fault.BROKEN_OFF),
        (SSE.replace(b"Connection", b"Content-Length: 999\r\nConnection") + HELLO, Fault.BROKEN_OFF),
        (SSE + b"data: [DONE]\n\n", Fault.EMPTY),
        (SSE + b"data: pong\n\n", Fault.MALFORMED),
        (SSE + b"data: [1]\n\n", Fault.MALFORMED),
        (SSE + b"data: " + b"[" * 100_000 + b"\n\n", Fault.MALFORMED),
        (SSE + b"event: error\ndata: overloaded\n\n", Fault.OVERLOADED),
        (SSE + b'error: {"code": 400, "message": "no"}\n\n', Fault.BAD_REQUEST),
        (SSE.replace(b"Connection", b"Content-Encoding: gzip\r\nConnection") + HELLO, Fault.MALFORMED),
        (JSON, Fault.MALFORMED),
        (JSON + b"null", Fault.MALFORMED),
        (JSON + b'{"error": "no"}', Fault.OVERLOADED),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", Fault.MALFORMED),
        (b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", Fault.MALFORMED),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 99\r\n\r\nhalf", Fault.OVERLOADED),
        (b"", Fault.BROKEN_OFF),
    ],
)
async def test_nonsense_has_a_name(raw: bytes, fault: Fault) -> None:
    assert await fault_of(raw) is fault


async def test_an_event_without_end_is_given_up() -> None:
    assert await fault_of(SSE + b"data: " + b"x" * (sse.MAX_EVENT_BYTES + 20_000)) is Fault.MALFORMED


async def test_a_body_without_end_is_given_up() -> None:
    assert await fault_of(JSON + b" " * (wire.MAX_BODY_BYTES + 20_000)) is Fault.MALFORMED
