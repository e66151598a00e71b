"""Which language a person reads: their choice, kept in a cookie, else what their browser asks for."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

CONSOLE = "/admin/"


class LanguageMiddleware(LocaleMiddleware):
    """
    The pages in the person's language; the console in English.

    Django's and the theme's words of the console exist in German, ours don't: a page in two languages reads worse
    than one in either.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(CONSOLE):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE
        else:
            super().process_request(request)


def language_of_socket(scope: Mapping[str, Any]) -> str:
    """The language of who opened a websocket; `scope` is ASGI's, with the cookies that channels' middleware adds."""
    request = HttpRequest()
    request.COOKIES = dict(scope.get("cookies", {}))
    headers = dict(scope.get("headers", []))
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get(b"accept-language", b"").decode("latin1")
    return translation.get_language_from_request(request)
