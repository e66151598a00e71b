"""One Redis client per event loop, and Lua scripts that run on it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from askacme.lib.per_loop import PerLoop

MAX_CONNECTIONS = 10_000
"""Whoever follows an answer blocks one: as many as sockets, far more than the client's own limit of a hundred."""


def _make() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        protocol=2,
        socket_connect_timeout=5,
        socket_timeout=10,
        max_connections=MAX_CONNECTIONS,
    )


_clients = PerLoop(_make, Redis.aclose)


def client() -> Redis:
    """The running loop's client. Answers are text; a slow Redis is given up on after ten seconds."""
    return _clients.get()


class Script:
    """A Lua file, run inside Redis as one atomic step; sent whole only to a Redis that does not know it yet."""

    def __init__(self, path: Path) -> None:
        self._text = path.read_text()
        self._sha = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, keys: Sequence[str], arguments: Sequence[str | int | float]) -> Any:
        try:
            return await client().evalsha(self._sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return await client().eval(self._text, len(keys), *keys, *arguments)
