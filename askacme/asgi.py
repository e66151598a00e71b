"""The web process: HTTP by Django, websockets by Channels."""

import os
import sys
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "askacme.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  (needs the apps loaded)
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from askacme.warm_up import warm_up_in_background  # noqa: E402
from chat.mcp.endpoint import mcp  # noqa: E402
from chat.routing import websocket_urlpatterns  # noqa: E402
from chat.runs.keeper import keeper  # noqa: E402
from chat.runs.services import resume  # noqa: E402
from governance.access.sockets import signed_in  # noqa: E402

# While threads work on the database, an answer's words wait for the interpreter: not five milliseconds (the default),
# half of one. At 100 streams that takes 5 to 10 ms off the median time to the first token (`tests/bench/overhead.py`).
sys.setswitchinterval(0.0005)


async def http_or_mcp(scope: Any, receive: Any, send: Any) -> None:
    await (mcp if scope["path"].rstrip("/") == "/mcp" else http)(scope, receive, send)


routes = ProtocolTypeRouter(
    {
        "http": http_or_mcp,
        "websocket": AllowedHostsOriginValidator(signed_in(URLRouter(websocket_urlpatterns))),
    }
)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """A server does not say when its loop begins: its first request (`/healthz`) also begins the keeping of runs."""
    keeper().take_over(resume)
    await routes(scope, receive, send)


warm_up_in_background()
