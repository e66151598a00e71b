"""Who opened a websocket, by their session. Channels' own middleware asks for all of them in one thread."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from channels.sessions import CookieMiddleware
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from askacme.lib.threads import in_thread
from governance.access.models import User


class SignedIn:
    """Puts `user` into the scope: an active person, or an AnonymousUser."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        user = await in_thread(user_of, scope["cookies"])
        return await self._app({**scope, "user": user}, receive, send)


def signed_in(app: Any) -> Any:
    return CookieMiddleware(SignedIn(app))


def user_of(cookies: Mapping[str, str]) -> User | AnonymousUser:
    """Whose session it is now: nobody's any more once they signed out, were deactivated or changed their password."""
    request = HttpRequest()
    engine = import_module(settings.SESSION_ENGINE)
    request.session = engine.SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    return user if isinstance(user, User) else AnonymousUser()
