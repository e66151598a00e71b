"""
One HTTP client per event loop, with aiohttp underneath: httpx's own pool is slow with many open streams.

It keeps no cookies (calls on behalf of different people share it), reads no proxy settings, follows no redirects (a
redirect would carry the key to another host), and puts no limit on connections: the gateway's own limits come first.
"""

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from askacme.lib.per_loop import PerLoop

IDLE_CONNECTION_S = 4.0
"""Shorter than the usual servers' five seconds: a call must not meet a connection that is just being closed."""


def _make() -> httpx.AsyncClient:
    transport = AiohttpTransport()
    transport.client = lambda: _session(transport.ssl_context)
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(transport=transport, cookies=no_cookies, follow_redirects=False)


def _session(trusted: ssl.SSLContext) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_CONNECTION_S, ssl=trusted)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


_clients = PerLoop(_make, httpx.AsyncClient.aclose)


def client() -> httpx.AsyncClient:
    return _clients.get()
