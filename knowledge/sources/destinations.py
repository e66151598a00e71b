"""
Where a fetch may go: public addresses only, checked at the moment the connection opens.

A name is resolved here, each of its addresses is judged, and the connection goes to an address that was judged. There
is no second look-up in between that a name server could answer differently (DNS rebinding), and no way around: every
request and every redirect opens its connection through `CheckedNetwork`.
"""

import ipaddress
import math
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any

import httpcore
import httpx

from askacme.lib.addresses import may_reach
from askacme.lib.errors import InvalidInput, NotAllowed, ServiceUnavailable

Resolver = Callable[[str, int], list[str]]

MAX_ADDRESS_CHARS = 2000
STANDARD_PORTS = {"http": 80, "https": 443}


def resolve(host: str, port: int) -> list[str]:
    """Raises ServiceUnavailable when the name is not known."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ServiceUnavailable(f"The host {host} is not known. Check the address.") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedNetwork(httpcore.NetworkBackend):
    """
    Opens connections for httpcore: to public addresses, and to the hosts in `allowed` (`host` or `host:port`).

    TLS still names and verifies the host of the URL: only the look-up is ours. No read lasts beyond `deadline` (of
    `time.monotonic`), however slowly a server drips. Raises NotAllowed.
    """

    def __init__(
        self,
        allowed: Collection[str],
        *,
        resolve: Resolver = resolve,
        network: httpcore.NetworkBackend | None = None,
    ) -> None:
        self.deadline = math.inf
        self._allowed = allowed
        self._resolve = resolve
        self._network = network or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._resolve(host, port)
        inside = is_allowed(host, port, self._allowed)
        if not addresses or not all(may_reach(address, inside=inside) for address in addresses):
            raise NotAllowed(
                f"{host} is inside a private network, where pages are not fetched from. If that is meant, name the "
                "host in ASKACME_SYNC_ALLOWED_HOSTS."
            )
        for address in addresses[:-1]:
            try:
                stream = self._network.connect_tcp(address, port, timeout, local_address, socket_options)
                return TimedStream(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return TimedStream(self._network.connect_tcp(addresses[-1], port, timeout, local_address, socket_options), self)


class TimedStream(httpcore.NetworkStream):
    """A connection whose reads end at its network's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, network: CheckedNetwork) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left_s = self._network.deadline - time.monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return self._stream.read(max_bytes, min(left_s, math.inf if timeout is None else timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return TimedStream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def checked_url(address: str, allowed: Collection[str]) -> httpx.URL:
    """
    The address, if it is one that may be fetched as far as can be told without a look-up; without its fragment.

    Raises InvalidInput for what is no http(s) URL, NotAllowed for credentials, an unusual port, or a private address.
    """
    try:
        url = httpx.URL(address.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise InvalidInput(f"{address[:200]!r} is not a web address.") from error
    if len(address) > MAX_ADDRESS_CHARS:
        raise InvalidInput(f"The web address {address[:60]}… is longer than {MAX_ADDRESS_CHARS} characters.")
    if url.scheme not in STANDARD_PORTS or not url.host:
        raise InvalidInput(f"{address[:200]!r} is not a web address: it must begin with https:// or http://.")
    if url.userinfo:
        raise NotAllowed("A web address must not hold a user name or password.")
    port, inside = port_of(url), is_allowed(url.host, port_of(url), allowed)
    if port not in STANDARD_PORTS.values() and f"{url.host}:{port}" not in allowed:
        raise NotAllowed(f"Port {port} of {url.host} is not fetched from: only 80 and 443 are.")
    if is_literal(url.host) and not may_reach(url.host, inside=inside):
        raise NotAllowed(f"{url.host} is inside a private network, where pages are not fetched from.")
    return url.copy_with(fragment=None)


def port_of(url: httpx.URL) -> int:
    return url.port or STANDARD_PORTS[url.scheme]


def is_allowed(host: str, port: int, allowed: Collection[str]) -> bool:
    """Whether whoever runs the server let this host through on purpose."""
    return host.lower() in allowed or f"{host.lower()}:{port}" in allowed


def is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
