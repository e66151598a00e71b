"""
One call to a provider over HTTP, read against the clock, whatever its wire format.

All that can go wrong on the way comes out as one `ProviderFailed` with its fault.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

import aiohttp
import httpx

from governance.gateway import http
from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.providers import failures, pace
from governance.gateway.providers.draft import Draft
from governance.gateway.providers.sse import Event, EventDecoder, EventTooLarge
from governance.gateway.providers.values import JsonObject
from governance.gateway.types import CompletionRequest, StreamItem, TextDelta

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
GOODBYE_S = 2.0
"""How long the end mark and the usage may take once the model has finished."""
DRAIN_S = 0.05
"""How long to wait for the end of a body after the end mark: a connection that was read to its end is used again."""

MIN_SECRET_CHARS = 6
"""Keys for servers that want none are words like `none`: nothing to hide, and part of every other message."""

T = TypeVar("T")

Take = Callable[[Draft, JsonObject], str]
"""Adds one event, or a whole answer, to the draft; returns the visible text in it."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """
    Seconds. Only what the model writes (words, thoughts, a tool's arguments) counts as a sign of life.

    `first_token_s` runs from the start of the call, `idle_s` from one sign of life to the next. An answer that isn't
    streamed comes all at once: it has `total_s` to begin, and then `idle_s` between its bytes.
    """

    connect_s: float = 5.0
    first_token_s: float = 30.0
    idle_s: float = 30.0
    total_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Call:
    """What to send and how to read what comes back. `secrets` are cut out of every message about it."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: JsonObject = field(repr=False)
    request: CompletionRequest = field(repr=False)
    timeouts: Timeouts
    streams: bool
    take: Take
    take_whole: Take
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Clock:
    """The deadlines of one call. `due` moves with each sign of life, never past the end."""

    def __init__(self, timeouts: Timeouts, *, streams: bool) -> None:
        self._now = asyncio.get_running_loop().time
        self._idle_s = timeouts.idle_s
        self._wait_s = timeouts.first_token_s if streams else timeouts.total_s
        self._total_s = timeouts.total_s
        self._end = self._now() + timeouts.total_s
        self._due = min(self._now() + self._wait_s, self._end)
        self._has_begun = False

    def alive(self) -> None:
        self._has_begun = True
        self._due = min(self._now() + self._idle_s, self._end)

    def hurry(self) -> None:
        self._due = min(self._due, self._now() + GOODBYE_S)

    async def within(self, work: Awaitable[T]) -> T:
        """Raises ProviderFailed (FIRST_TOKEN_TIMEOUT, STALLED) when it is due."""
        try:
            async with asyncio.timeout_at(self._due):
                return await work
        except TimeoutError as error:
            raise self._too_late() from error

    def _too_late(self) -> ProviderFailed:
        if not self._has_begun:
            return ProviderFailed(Fault.FIRST_TOKEN_TIMEOUT, f"no answer within {self._wait_s:g} s")
        if self._due >= self._end:
            return ProviderFailed(Fault.STALLED, f"the answer wasn't finished within {self._total_s:g} s")
        return ProviderFailed(Fault.STALLED, f"nothing new for {self._idle_s:g} s")


class Answer:
    """A response that is being read; everything it does is in time, or fails."""

    def __init__(self, response: httpx.Response, clock: Clock) -> None:
        self.response = response
        self._clock = clock
        self._chunks = response.aiter_bytes()

    async def chunk(self) -> bytes | None:
        """None at the end."""
        try:
            return await self._clock.within(anext(self._chunks, None))
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            raise _connection_failure(error) from error

    async def events(self) -> AsyncGenerator[Event]:
        decoder = EventDecoder()
        while (chunk := await self.chunk()) is not None:
            try:
                events = decoder.feed(chunk)
            except EventTooLarge as error:
                raise ProviderFailed(Fault.MALFORMED, "an event of more than 4 MiB") from error
            for event in events:
                yield event
        if last := decoder.finish():
            if last.data != "[DONE]" and _is_torn(last):
                raise ProviderFailed(Fault.BROKEN_OFF, "the connection was cut in the middle of an event")
            yield last

    async def body(self, max_bytes: int) -> bytes:
        chunks, size = [], 0
        while (chunk := await self.chunk()) is not None:
            self._clock.alive()
            chunks.append(chunk)
            size += len(chunk)
            if size > max_bytes:
                raise ProviderFailed(Fault.MALFORMED, f"an answer of more than {max_bytes // 1024} KiB")
        return b"".join(chunks)

    async def drain(self) -> None:
        with suppress(TimeoutError, httpx.HTTPError, aiohttp.ClientError):
            async with asyncio.timeout(DRAIN_S):
                async for _ in self._chunks:
                    pass


async def told(call: Call) -> AsyncGenerator[StreamItem]:
    """The provider's side of `types.Provider.stream`: text as it comes, then one Completed, or ProviderFailed."""
    client = http.client()  # the first of a loop takes a while to make, which isn't the provider's fault
    draft, clock, rate_limits = Draft(), Clock(call.timeouts, streams=call.streams), dict[str, str]()
    is_accepted = False
    try:
        async with _opened(client, call, clock) as answer:
            rate_limits = pace.rate_limits(answer.response.headers)
            await _require_success(answer)
            is_accepted = True
            async with aclosing(_texts(call, draft, answer, clock)) as texts:
                async for text in texts:
                    yield TextDelta(text)
        completed = draft.completed(call.request, rate_limits)
    except ProviderFailed as error:
        error.args = (_scrubbed(str(error), call.secrets),)
        error.rate_limits = rate_limits
        error.usage = draft.used(call.request, rate_limits) if is_accepted else None
        raise
    yield completed


@asynccontextmanager
async def _opened(client: httpx.AsyncClient, call: Call, clock: Clock) -> AsyncIterator[Answer]:
    """The response to the call; leaving it closes the connection, unless the body was read to its end."""
    _require_plain(call)
    connect_s = call.timeouts.connect_s
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Content-Type": "application/json"}
    try:
        request = client.build_request(
            "POST",
            call.url,
            content=json.dumps(call.body, ensure_ascii=False).encode(errors="replace"),
            headers=headers | dict(call.headers),
            timeout=httpx.Timeout(None, connect=connect_s, pool=connect_s),
        )
        response = await clock.within(client.send(request, stream=True))
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, ValueError) as error:
        raise _connection_failure(error) from error
    try:
        yield Answer(response, clock)
    finally:
        await response.aclose()


async def _texts(call: Call, draft: Draft, answer: Answer, clock: Clock) -> AsyncGenerator[str]:
    """Reads by what came, not by what was asked for: some servers know only one of the two ways."""
    content_type = answer.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "text/event-stream":
        async with aclosing(_streamed(call, draft, answer, clock)) as texts:
            async for text in texts:
                yield text
    elif content_type == "application/json":
        clock.alive()
        if text := call.take_whole(draft, _object(await answer.body(MAX_BODY_BYTES))):
            yield text
    else:
        raise ProviderFailed(Fault.MALFORMED, f"an answer of the type {content_type or '(none)'}: is this the API?")


async def _streamed(call: Call, draft: Draft, answer: Answer, clock: Clock) -> AsyncGenerator[str]:
    async with aclosing(answer.events()) as events:
        while not draft.is_over and (event := await _next(events, draft)):
            if event.data.strip() == "[DONE]":
                draft.is_over = True
                break
            written = draft.written_bytes
            if text := call.take(draft, _event_object(event)):
                yield text
            if draft.written_bytes > written:
                clock.alive()
            if draft.finish_reason:
                clock.hurry()
    if not draft.is_whole:
        raise ProviderFailed(Fault.BROKEN_OFF, "the answer ended before its end")
    await answer.drain()


async def _next(events: AsyncGenerator[Event], draft: Draft) -> Event | None:
    """What goes wrong after the model has finished takes nothing from the answer."""
    try:
        return await anext(events, None)
    except ProviderFailed:
        if draft.is_whole:
            return None
        raise


def _event_object(event: Event) -> JsonObject:
    """An `error` event whose data doesn't say that it is one is made to."""
    if event.name != "error":
        return _object(event.data)
    try:
        told = json.loads(event.data)
    except (ValueError, RecursionError):
        told = event.data
    return told if isinstance(told, dict) and "error" in told else {"error": told}


def _object(data: str | bytes) -> JsonObject:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProviderFailed(Fault.MALFORMED, "malformed JSON in the answer") from error
    if not isinstance(found, dict):
        raise ProviderFailed(Fault.MALFORMED, "JSON in the answer that isn't an object")
    return found


def _is_torn(event: Event) -> bool:
    try:
        json.loads(event.data)
    except (ValueError, RecursionError):
        return True
    return False


async def _require_success(answer: Answer) -> None:
    response = answer.response
    if response.is_success:
        return
    try:
        body = await answer.body(MAX_ERROR_BYTES)
    except ProviderFailed:
        body = b""  # the status says enough
    raise failures.of_status(response.status_code, body, retry_after_s=pace.retry_after_s(response.headers))


def _require_plain(call: Call) -> None:
    """What can't stand in a header would be an error deep in the HTTP library, with the key in its text."""
    for name, value in call.headers.items():
        if (name + value).isascii() and (name + value).isprintable():
            continue
        if any(secret in value for secret in call.secrets if secret):
            raise ProviderFailed(Fault.UNAUTHORIZED, f"the key in {name!a} holds what no key holds: enter it again")
        raise ProviderFailed(Fault.BAD_REQUEST, f"the header {name!a} holds characters that no header may have")


_CAUSES: tuple[tuple[type[Exception], Fault, str], ...] = (
    (aiohttp.ClientConnectorError, Fault.UNREACHABLE, "no connection"),
    (aiohttp.ConnectionTimeoutError, Fault.UNREACHABLE, "no connection in time"),
    (aiohttp.ClientResponseError, Fault.MALFORMED, "not HTTP"),
    (httpx.DecodingError, Fault.MALFORMED, "the compression is broken"),
    (httpx.InvalidURL, Fault.BAD_REQUEST, "not an address"),
    (httpx.UnsupportedProtocol, Fault.BAD_REQUEST, "not an address"),
    (ValueError, Fault.BAD_REQUEST, "not an address"),
)


def _connection_failure(error: Exception) -> ProviderFailed:
    """By what aiohttp said: the transport has only a few names for it, and one is "connect timeout" for a cut."""
    for candidate in (error.__cause__, error):
        for kind, fault, words in _CAUSES:
            if isinstance(candidate, kind):
                return ProviderFailed(fault, f"{words}: {candidate}")
    return ProviderFailed(Fault.BROKEN_OFF, f"the connection was cut: {error or type(error).__name__}")


def _scrubbed(detail: str, secrets: tuple[str, ...]) -> str:
    """Providers like to repeat the key in what they say about it."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= MIN_SECRET_CHARS:
            detail = detail.replace(secret, "***")
    return detail[: failures.DETAIL_CHARS]
