"""
Calling another system for an employee: one HTTP request, no redirects, JSON back, within limits.

The address is a superuser's, so hosts inside the private network may be called; those where clouds keep credentials
never. A name is resolved here, each of its addresses is judged, and the connection goes to one that was judged.
"""

import hashlib
import json
import re
import socket
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from askacme.lib.addresses import may_reach
from askacme.lib.errors import InvalidArguments, InvalidInput, ToolFailed
from askacme.lib.per_loop import PerLoop
from askacme.lib.sealed import Unreadable
from chat.tools.arguments import cleaned
from chat.tools.models import Connector
from chat.tools.values import Arguments, Call, Person, ToolResult

PLACE = re.compile(r"\{([A-Za-z0-9_]+)\}")
MAX_ANSWER_BYTES = 64 * 1024
MAX_REASON_CHARS = 300
MAX_MAGNITUDE = 30
"""Power of ten beyond which a number with a point is refused: written out, a few bytes could fill the memory."""
PORTS = {"http": 80, "https": 443}
EMPLOYEE = "X-Employee-Email"
Resolve = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent, but for who asks and the secret."""

    method: str
    url: httpx.URL
    body: Mapping[str, Any] | None

    @property
    def fingerprint(self) -> str:
        said = json.dumps([self.method, str(self.url), self.body], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def outgoing(connector: Connector, arguments: Arguments) -> Outgoing:
    """
    Arguments that the address names go into it, percent-encoded; the others into the query, or the body of a POST.

    Raises InvalidArguments.
    """
    named = set(PLACE.findall(connector.url))
    rest = {name: value for name, value in arguments.items() if name not in named}
    try:
        url = httpx.URL(PLACE.sub(lambda place: encoded(place[1], arguments), connector.url))
        if connector.method == Connector.Method.POST:
            return Outgoing("POST", url, rest)
        return Outgoing("GET", url.copy_merge_params({name: in_query(value) for name, value in rest.items()}), None)
    except httpx.InvalidURL as error:
        raise InvalidArguments("The arguments are too long for an address.") from error


def encoded(name: str, arguments: Arguments) -> str:
    value = in_query(arguments.get(name, ""))
    if value in {"", ".", ".."}:
        raise InvalidArguments(f"{name}: {value!r} can't stand in an address.")
    return quote(value, safe="")


def in_query(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def check_address(url: str) -> None:
    """Raises InvalidInput for what no connector may call, as far as can be told without a look-up."""
    try:
        parts = urlsplit(PLACE.sub("x", url))
        port = parts.port
    except ValueError:
        raise InvalidInput("This is no web address.") from None
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise InvalidInput("This is no web address: it must begin with https:// or http://.")
    if parts.username is not None or parts.fragment:
        raise InvalidInput("The address must not hold a user name, a password or a #.")
    if not url.startswith(f"{parts.scheme}://{parts.netloc}"):
        raise InvalidInput("Arguments may stand behind the host only.")


async def resolve(host: str, port: int) -> list[str]:
    """Raises ToolFailed when the name is not known."""
    try:
        found = await get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ToolFailed(f"The host {host} is not known.") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def send(connector: Connector, call: Call, *, resolve: Resolve = resolve) -> ToolResult:
    """
    Ask the other system, as the employee.

    Raises InvalidArguments and ToolFailed, in words for people. The caller sets the time limit.
    """
    what = outgoing(connector, call.arguments)
    try:
        content = await _exchange(what, headers_of(connector, call.person, call.id), connector.system, resolve)
    except httpx.TimeoutException as error:
        raise ToolFailed(f"{connector.system}: no answer in time.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ToolFailed(f"{connector.system}: could not be reached.") from error
    data = as_json(content, connector.system)
    return ToolResult(json.dumps(json.loads(content or b"{}"), ensure_ascii=False), data)


def headers_of(connector: Connector, person: Person, key: str) -> dict[str, bytes]:
    """`Idempotency-Key` stays the same when a person tries again, so that nothing is done twice."""
    headers = {
        "Accept": b"application/json",
        "Accept-Encoding": b"identity",
        "User-Agent": b"AskAcme/1",
        EMPLOYEE: person.email.encode(),
    }
    if connector.method == Connector.Method.POST:
        headers["Idempotency-Key"] = key.encode()
    if connector.auth != Connector.Auth.NONE:
        try:
            secret = connector.secret.open().encode()
        except Unreadable as error:
            raise ToolFailed(f"{connector.system}: {error}") from error
        is_bearer = connector.auth == Connector.Auth.BEARER
        headers["Authorization" if is_bearer else connector.auth_header] = b"Bearer " + secret if is_bearer else secret
    return headers


async def _exchange(what: Outgoing, headers: dict[str, bytes], system: str, resolve: Resolve) -> bytes:
    """The body of a good answer, from the first address that can be connected to."""
    url = what.url
    addresses = await resolve(url.host, url.port or PORTS.get(url.scheme, 0))
    if not addresses or not all(may_reach(address, inside=True) for address in addresses):
        raise ToolFailed(f"{system}: {url.host} is an address that is never connected to.")
    to_url = {"Host": url.netloc, **headers}
    for address in addresses[:-1]:
        try:
            return await _ask(what, url.copy_with(host=address), to_url, system)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await _ask(what, url.copy_with(host=addresses[-1]), to_url, system)


async def _ask(what: Outgoing, at: httpx.URL, headers: dict[str, bytes], system: str) -> bytes:
    extensions = {"sni_hostname": what.url.host}  # TLS still names and verifies the host of the address
    sent = [(name.encode(), value) for name, value in headers.items()]
    request = _clients.get().stream(what.method, at, json=what.body, headers=sent, extensions=extensions)
    async with request as response:
        content = await _read(response, system)
    if response.is_redirect:
        raise ToolFailed(f"{system}: redirects to another address, which is not followed.")
    if response.is_error:
        raise ToolFailed(f"{system}: {reason_of(response.status_code, content)}")
    return content


async def _read(response: httpx.Response, system: str) -> bytes:
    """Raw, as it was asked for: nothing is unpacked, so few bytes can't become many."""
    content = b""
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > MAX_ANSWER_BYTES:
            raise ToolFailed(f"{system}: the answer is larger than {MAX_ANSWER_BYTES // 1024} KiB.")
    return content


def as_json(content: bytes, system: str) -> Any:
    try:
        return json.loads(content or b"{}", parse_float=number_of, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ToolFailed(f"{system}: answered with something else than JSON.") from error


def number_of(written: str) -> Decimal:
    """Raises ValueError for what is no number of this world."""
    try:
        number = Decimal(written)
    except InvalidOperation as error:
        raise ValueError("the exponent is too large") from error
    if abs(number.adjusted()) > MAX_MAGNITUDE:
        raise ValueError("the exponent is too large")
    return number


def reason_of(status: int, content: bytes) -> str:
    """What the other system says about its refusal, if it says so as JSON (RFC 9457 and its like)."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    words = (
        next((said[key] for key in ("detail", "message", "title") if isinstance(said.get(key), str)), "")
        if isinstance(said, dict)
        else ""
    )
    return " ".join(str(cleaned(words)).split())[:MAX_REASON_CHARS] or f"refused (HTTP {status})."


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _make() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # all employees share this client
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(30, connect=5),
    )


_clients = PerLoop(_make, httpx.AsyncClient.aclose)
