"""Whose language a page and a websocket speak."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from askacme.lib.language import language_of_socket

GERMAN = b"de-DE,de;q=0.9,en;q=0.5"


@pytest.fixture(autouse=True)
def language_of_the_other_tests() -> Iterator[None]:
    """A request leaves its language behind for whatever runs in its thread next; in a server that is a request."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.mark.parametrize(
    ("scope", "language"),
    [
        ({}, "en"),
        ({"headers": [(b"accept-language", GERMAN)]}, "de"),
        ({"headers": [(b"accept-language", b"fr")]}, "en"),
        ({"headers": [(b"accept-language", GERMAN)], "cookies": {"django_language": "en"}}, "en"),
        ({"cookies": {"django_language": "de"}}, "de"),
        ({"cookies": {"django_language": "../../etc"}}, "en"),
    ],
    ids=["nothing", "browser", "browser of another language", "chosen over browser", "chosen", "nonsense"],
)
def test_a_socket_speaks_as_its_page_does(scope: dict[str, object], language: str) -> None:
    assert language_of_socket(scope) == language


@pytest.mark.django_db
def test_a_choice_is_kept_and_leads_nowhere_else(client: Client) -> None:
    chosen = client.post("/i18n/setlang/", {"language": "de", "next": "//evil.example/"})
    assert chosen["Location"] == "/"
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "de"
    assert '<html lang="de">' in client.get("/sign-in/").content.decode()


@pytest.mark.django_db
def test_the_console_stays_in_the_language_it_is_written_in(client: Client) -> None:
    page = client.get("/admin/login/", headers={"accept-language": "de"})
    assert page["Content-Language"] == "en"
