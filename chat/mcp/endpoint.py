"""
`/mcp`: AskAcme for MCP clients, as an ASGI application beside Django's.

The protocol is the official package's: stateless Streamable HTTP. Here it is decided who may speak it. The package is
imported with the first call, in a thread: it takes half a second and 20 MB, and most companies don't call it.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.http.request import validate_host

from askacme.lib.problems import problem
from askacme.lib.threads import in_thread
from governance.access.auth import BearerKey

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def mcp(scope: Scope, receive: Receive, send: Send) -> None:
    """One call. The tools find who calls in `scope["user"]`, and our address in `scope["site"]`."""
    request = ASGIRequest(scope, BytesIO())
    if (refused := refusal(request)) is not None:
        await answer(refused, send)
        return
    user = await in_thread(BearerKey(), request)
    if user is None:
        await answer(unknown_caller(), send)
        return
    server = await in_thread(import_module, "chat.mcp.server")
    site = request.build_absolute_uri("/").rstrip("/")
    await server.serve(scope | {"user": user, "site": site}, receive, send)


def refusal(request: ASGIRequest) -> HttpResponse | None:
    """
    Why nobody may call like this, whoever it is.

    A page of another site must not speak to us through the browser of somebody inside (DNS rebinding): the host and
    the origin, if the call has one, are ours, or there is no answer.
    """
    try:
        request.get_host()
    except DisallowedHost:
        return problem(421, "unknown_host", "This is not a host name of ours: see ASKACME_ALLOWED_HOSTS.")
    origin = urlsplit(request.headers.get("Origin", "")).hostname
    if "Origin" in request.headers and not validate_host(origin or "", settings.ALLOWED_HOSTS):
        return problem(403, "foreign_origin", "Pages of other sites can't call this.")
    if request.method != "POST":  # a GET would wait for messages that a server without sessions never has
        response = problem(405, "method_not_allowed", "Send MCP messages with POST.")
        response["Allow"] = "POST"
        return response
    return None


def unknown_caller() -> HttpResponse:
    response = problem(401, "sign_in_required", "Send a valid API key as 'Authorization: Bearer <key>'.")
    response["WWW-Authenticate"] = "Bearer"
    return response


async def answer(response: HttpResponse, send: Send) -> None:
    headers = [(name.encode(), value.encode()) for name, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
