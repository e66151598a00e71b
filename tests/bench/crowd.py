"""
People who ask at once, over websockets as their browsers do: what AskAcme adds to the time to the first word.

A web process of its own, the real documents, and a simulated provider (200 ms to the first token, 60 tokens a second,
120 tokens), each in a process of its own; the client reads the frames. "Added" is the time from sending the question to
the frame with the first words of the answer, less the provider's 200 ms. `spread`: each begins at another moment of
an answer's length, as people do, and asks again when the answer is there; `same instant`: all press Enter together.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from uuid import uuid4

import aiohttp
import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from askacme.lib.threads import in_thread
from askacme.serve.programs import environment
from governance.access.models import User
from tests.bench import output
from tests.bench.overhead import simulator
from tests.serve.running import eventually, free_port

AT_ONCE = (1, 10, 50, 100, 200)
ROUNDS = {1: 12, 10: 5, 50: 4, 100: 3, 200: 2}
FIRST_TOKEN_MS = 200.0
ANSWER_S = 2.2
PATIENCE_S = 600.0
OPEN_SOCKETS = 1000
"""Begun ten a second: all of them stream at the same time, since each answer takes two minutes."""
OPENED_PER_S = 10
FIRST_WORDS = re.compile(r'hx-swap-oob="(?:innerHTML|beforeend):#(?:open|closed)-[^"]+">(?!</div>)')
ENDED = re.compile(r'data-state="(done|failed)" data-status="(\w+)"')
NORMAL = ("--first-token-ms", "200", "--tokens-per-s", "60", "--tokens", "120")
SLOW = ("--first-token-ms", "200", "--tokens-per-s", "1", "--tokens", "120")


@dataclass
class Told:
    """What the clients saw; times in milliseconds. `frames` counts those of all answers."""

    added_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    frames: int = 0
    took_s: float = 0.0


class Web:
    """The web process, and a person who is signed in there."""

    def __init__(self, process: psutil.Process, url: str, cookies: dict[str, str]) -> None:
        self.process = process
        self.url = url
        self.cookies = cookies

    @property
    def memory_mb(self) -> float:
        return float(self.process.memory_full_info().uss) / 1e6

    @property
    def cpu_s(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def web_process(base_url: str, cookies: dict[str, str]) -> Iterator[Web]:
    port = free_port()
    provider = {"name": "bench", "kind": "openai", "base_url": base_url, "models": {"fast": "small"}}
    prices = {"prices": {"small": {"input": "1", "output": "5"}}}
    extra = {"ASKACME_LLM_PROVIDERS": json.dumps([provider | prices]), "ASKACME_RATE_LIMITS": "off"}
    command = (sys.executable, "-m", "daphne", "-v", "0", "-p", str(port), "askacme.asgi:application")
    with subprocess.Popen(command, env=environment() | extra) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            assert eventually(lambda: answers(port))
            yield Web(psutil.Process(process.pid), url, cookies)
        finally:
            process.terminate()


def answers(port: int) -> bool:
    return any(
        connection.laddr.port == port and connection.status == psutil.CONN_LISTEN
        for connection in psutil.net_connections("tcp")
    )


def signed_in(user: User) -> dict[str, str]:
    session = SessionStore()
    backend = settings.AUTHENTICATION_BACKENDS[0]
    session.update(
        {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: backend, HASH_SESSION_KEY: user.get_session_auth_hash()}
    )
    session.create()
    return {settings.SESSION_COOKIE_NAME: session.session_key or ""}


@asynccontextmanager
async def browser(web: Web) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar, cookies=web.cookies) as session:
        yield session


async def ask(session: aiohttp.ClientSession, web: Web, questions: Sequence[str], told: Told, wait_s: float) -> None:
    """One person who asks these questions, one after the other, each in a conversation of its own."""
    for question in questions:
        async with session.ws_connect(f"{web.url}/ws/chat/{uuid4()}/", origin=web.url, max_msg_size=0) as socket:
            await asyncio.sleep(wait_s)
            wait_s = 0.0
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await one(socket, question, told)
            except (TimeoutError, aiohttp.ClientError, TypeError) as error:
                told.errors.append(repr(error)[:80])


async def one(socket: aiohttp.ClientWebSocketResponse, question: str, told: Told) -> None:
    began, first = time.perf_counter(), 0.0
    await socket.send_json({"question": question})
    while True:
        frame = await socket.receive_str()
        told.frames += 1
        if not first and FIRST_WORDS.search(frame):
            first = time.perf_counter() - began
            told.added_ms.append(1000 * first - FIRST_TOKEN_MS)
        if "data-composer-error" in frame:
            told.errors.append(frame[-120:])
            return
        if ended := ENDED.search(frame):
            if ended[2] == "error":
                told.errors.append(frame[-300:])
            return


async def crowd(web: Web, at_once: int, questions: Iterator[str], *, spread: bool) -> Told:
    told = Told()
    async with browser(web) as session:
        began = time.perf_counter()
        asked = [[next(questions) for _ in range(ROUNDS[at_once] if spread else 1)] for _ in range(at_once)]
        waits = [ANSWER_S * n / at_once if spread else 1.0 for n in range(at_once)]
        await asyncio.gather(*(ask(session, web, each, told, wait) for each, wait in zip(asked, waits, strict=True)))
        told.took_s = time.perf_counter() - began - (0 if spread else 1.0)
    return told


async def many_sockets(web: Web, questions: Iterator[str]) -> Told:
    """As many answers that stream at the same time as there are sockets, begun one after the other."""
    told = Told()
    async with browser(web) as session:
        began = time.perf_counter()
        waits = (n / OPENED_PER_S for n in range(OPEN_SOCKETS))
        await asyncio.gather(*(later(session, web, next(questions), told, wait) for wait in waits))
        told.took_s = time.perf_counter() - began
    return told


async def later(session: aiohttp.ClientSession, web: Web, question: str, told: Told, wait_s: float) -> None:
    await asyncio.sleep(wait_s)
    await ask(session, web, [question], told, 0.0)


def row(name: str, at_once: int, told: Told, web: Web, cpu_s: float) -> tuple[object, ...]:
    answered = len(told.added_ms)
    p50, p95 = output.percentiles_ms(told.added_ms)
    per_s = f"{answered / told.took_s:.1f}"
    cpu = f"{1000 * cpu_s / max(1, answered):.0f}"
    return at_once, name, answered, p50, p95, per_s, cpu, f"{web.memory_mb:.0f}", len(told.errors)


HEAD = ("at once", "how", "answers", "added p50 ms", "p95 ms", "answers/s", "cpu ms/answer", "web MB", "errors")


async def table(questions: Sequence[str], user: User, at_once: Sequence[int] = AT_ONCE) -> str:
    cookies, asked = await in_thread(signed_in, user), cycle(questions)
    rows = []
    with simulator(*NORMAL) as base_url, web_process(base_url, cookies) as web:
        await crowd(web, 1, asked, spread=True)  # loads the models
        for n in at_once:
            for name, spread in {"spread": True, "same instant": False}.items():
                cpu_s = web.cpu_s
                told = await crowd(web, n, asked, spread=spread)
                rows.append(row(name, n, told, web, web.cpu_s - cpu_s))
                if told.errors:
                    output.say(str(told.errors[:3]), to=sys.stderr)
    return output.table("A crowd over websockets", HEAD, rows)


async def sockets_table(questions: Sequence[str], user: User) -> str:
    cookies = await in_thread(signed_in, user)
    with simulator(*SLOW) as base_url, web_process(base_url, cookies) as web:
        await crowd(web, 1, cycle(questions), spread=False)  # one slow answer, which loads the models
        before_mb, cpu_s = web.memory_mb, web.cpu_s
        measuring = asyncio.create_task(peak(web))
        told = await many_sockets(web, cycle(questions))
        measuring.cancel()
        most, rows = await peak_of(measuring), [row("streaming", OPEN_SOCKETS, told, web, web.cpu_s - cpu_s)]
        per_stream = 1000 * (most - before_mb) / OPEN_SOCKETS
    return output.table("Open, streaming sockets", HEAD, rows) + f"\n\nMemory per stream: {per_stream:.0f} kB."


async def peak(web: Web) -> float:
    most = 0.0
    try:
        while True:
            most = max(most, web.memory_mb)
            await asyncio.sleep(1)
    except asyncio.CancelledError:
        return most


async def peak_of(measuring: "asyncio.Task[float]") -> float:
    return await measuring
