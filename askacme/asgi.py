"""The web process: HTTP by Django, websockets by Channels."""

import os
import sys

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "askacme.settings")
http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402  (needs the apps loaded)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from askacme.warm_up import warm_up_in_background  # noqa: E402
from chat.routing import websocket_urlpatterns  # noqa: E402

# While threads work on the database, an answer's words wait for the interpreter: not five milliseconds (the default),
# half of one. At 100 streams that takes 5 to 10 ms off the median time to the first token (`tests/bench/overhead.py`).
sys.setswitchinterval(0.0005)

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
warm_up_in_background()
