"""
Fetching one page of the web: within limits of size, time and redirects, and never from inside our own network.

What may be connected to is decided in `destinations.py`. Nothing is sent but the request: no cookies, no credentials,
no proxy from the environment.
"""

import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from types import TracebackType
from typing import IO, Self

import httpcore
import httpx
from django.conf import settings

from askacme.lib.errors import FileTooLarge, InvalidInput, NotAllowed, ServiceUnavailable, UnreadableFile
from knowledge.sources.destinations import CheckedNetwork, checked_url, is_allowed, port_of

USER_AGENT = "AskAcme/1 (knowledge assistant)"
MAX_REDIRECTS = 5
PAGE_TIMEOUT_S = 60.0
TIMEOUTS_S: Mapping[str, float] = {"connect": 10.0, "read": 20.0, "write": 10.0, "pool": 5.0}
"""Of one step; a server that sends a byte now and then is stopped by PAGE_TIMEOUT_S."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BROKEN = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. With any other status than 200 there is no content."""

    url: str
    status: int
    media_type: str = ""
    charset: str = ""
    etag: str = ""
    last_modified: str = ""


class Fetcher:
    """Connections to web servers, kept open between pages. Use it in a `with` block, in one thread."""

    def __init__(self, network: CheckedNetwork | None = None) -> None:
        self.allowed: Sequence[str] = settings.ASKACME.sync_allowed_hosts
        self._network = network or CheckedNetwork(self.allowed)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=4,
            keepalive_expiry=5.0,
            network_backend=self._network,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def checked(self, address: str) -> httpx.URL:
        """Raises InvalidInput and NotAllowed."""
        return checked_url(address, self.allowed)

    def fetch(
        self,
        address: str,
        into: IO[bytes],
        *,
        max_bytes: int,
        etag: str = "",
        last_modified: str = "",
        only_host: str = "",
    ) -> Answer:
        """
        Get a page and write what it holds to `into`, unpacked. With validators of an earlier visit, 304 costs nothing.

        `only_host` refuses redirects that lead to another host. Raises InvalidInput, NotAllowed, FileTooLarge,
        UnreadableFile, and ServiceUnavailable when the server can't be reached or takes too long.
        """
        headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": last_modified} if last_modified else {}
        self._network.deadline = time.monotonic() + PAGE_TIMEOUT_S
        url = self.checked(address)
        for _ in range(MAX_REDIRECTS + 1):
            with self._get(url, headers) as response:
                said = httpx.Headers(response.headers)
                if response.status not in _REDIRECTS or "location" not in said:
                    if response.status == 200:
                        copy(response.iter_stream(), into, said, max_bytes=max_bytes)
                    return answer_of(url, response.status, said)
            url = self.redirected(url, said["location"], only_host)
        raise ServiceUnavailable(f"{address} redirects more than {MAX_REDIRECTS} times.")

    def redirected(self, url: httpx.URL, location: str, only_host: str) -> httpx.URL:
        """
        Where a redirect leads.

        Raises NotAllowed for another site than `only_host`, and from outside to a host that was let through: whoever
        runs a public page must not choose what is read inside.
        """
        target = self.checked(joined(url, location))
        if only_host and target.host != only_host:
            raise NotAllowed(f"{url} redirects to another site ({target.host}), which is not followed.")
        if self.is_let_through(target) and not self.is_let_through(url):
            raise NotAllowed(f"{url} redirects into a private network ({target.host}), which is not followed.")
        return target

    def is_let_through(self, url: httpx.URL) -> bool:
        return is_allowed(url.host, port_of(url), self.allowed)

    @contextmanager
    def _get(self, url: httpx.URL, headers: Mapping[str, str]) -> Iterator[httpcore.Response]:
        where = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        sent = [(b"Host", url.netloc), *((name.encode(), value.encode()) for name, value in headers.items())]
        try:
            with self._pool.stream("GET", where, headers=sent, extensions={"timeout": dict(TIMEOUTS_S)}) as response:
                yield response
        except httpcore.TimeoutException as error:
            raise ServiceUnavailable(f"{url.host} took too long to answer.") from error
        except _BROKEN as error:
            said = str(error) or type(error).__name__
            raise ServiceUnavailable(f"{url.host}:{port_of(url)} could not be reached: {said}.") from error


def joined(url: httpx.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise InvalidInput(f"{url} redirects to what is no web address: {location[:200]!r}.") from error


def answer_of(url: httpx.URL, status: int, said: httpx.Headers) -> Answer:
    kind = Message()
    kind["Content-Type"] = said.get("content-type", "")
    return Answer(
        url=str(url),
        status=status,
        media_type=kind.get_content_type() if "content-type" in said else "",
        charset=str(kind.get_content_charset("")),
        etag=said.get("etag", "")[:500],
        last_modified=said.get("last-modified", "")[:100],
    )


def copy(stream: Iterator[bytes], into: IO[bytes], said: httpx.Headers, *, max_bytes: int) -> None:
    """Raises FileTooLarge as soon as there is too much, before it is unpacked and kept."""
    size = 0
    for piece in unpacked(stream, said.get("content-encoding", ""), max_bytes):
        size += len(piece)
        if size > max_bytes:
            raise FileTooLarge(f"The page is larger than {max_bytes / 1024**2:g} MB.")
        into.write(piece)


def unpacked(stream: Iterator[bytes], encoding: str, max_bytes: int) -> Iterator[bytes]:
    """
    Undo the server's compression, at most `max_bytes` + 1 at once: a few bytes may stand for gigabytes.

    Raises UnreadableFile for damage, and for an encoding that was not asked for.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        yield from stream
        return
    if name not in {"gzip", "x-gzip"}:
        raise UnreadableFile(f"The server sent the page in an encoding that was not asked for: {encoding[:50]}.")
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        for piece in stream:
            yield inflate.decompress(piece, max_bytes + 1)
            if inflate.eof:
                return
    except zlib.error as error:
        raise UnreadableFile("The server sent the page damaged (bad gzip).") from error
    raise UnreadableFile("The server sent the page only in part.")


def gunzipped(content: bytes, max_bytes: int) -> bytes:
    """
    The content of a small gzip file.

    Raises FileTooLarge and UnreadableFile.
    """
    plain = b"".join(unpacked(iter([content]), "gzip", max_bytes))
    if len(plain) > max_bytes:
        raise FileTooLarge(f"The file is larger than {max_bytes / 1024**2:g} MB once unpacked.")
    return plain
