"""One HTTP client per event loop, with aiohttp underneath: httpx's own pool is slow with many open streams."""

import httpx
from httpx_aiohttp import AiohttpTransport

from askacme.lib.per_loop import PerLoop

CONNECT_TIMEOUT_S = 5


def _make() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=AiohttpTransport(), follow_redirects=False)


_clients = PerLoop(_make, httpx.AsyncClient.aclose)


def client() -> httpx.AsyncClient:
    return _clients.get()
