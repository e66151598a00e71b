"""Fetching pages: what is reached, what never is, and within which limits."""

import gzip
import io
import ssl
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from askacme.lib.addresses import may_reach
from askacme.lib.errors import (
    AskAcmeError,
    FileTooLarge,
    InvalidInput,
    NotAllowed,
    ServiceUnavailable,
    UnreadableFile,
)
from knowledge.sources.destinations import CheckedNetwork, checked_url
from knowledge.sources.safe_fetch import MAX_REDIRECTS, Answer, Fetcher, gunzipped, unpacked
from tests.knowledge.web import Site, running_site

PUBLIC = "93.184.215.14"
INSIDE = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "224.0.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
]


@pytest.fixture(scope="module")
def site_on() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture
def site(site_on: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    site_on.pages.clear()
    site_on.asked.clear()
    allow(monkeypatch, f"127.0.0.1:{site_on.port}")
    return site_on


def allow(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    monkeypatch.setitem(settings.ASKACME.__dict__, "sync_allowed_hosts", hosts)


def get(address: str, *, max_bytes: int = 1_000_000, **options: Any) -> tuple[Answer, bytes]:
    content = io.BytesIO()
    with Fetcher() as fetcher:
        answer = fetcher.fetch(address, content, max_bytes=max_bytes, **options)
    return answer, content.getvalue()


class Recorder(httpcore.NetworkBackend):
    """A network that notes where it was asked to connect to, and answers everyone with one page."""

    def __init__(self, said: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") -> None:
        self.said = said
        self.connected: list[tuple[str, int]] = []
        self.named: list[str | None] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        return Line(self)


class Line(httpcore.MockStream):
    def __init__(self, network: Recorder) -> None:
        super().__init__([network.said])
        self.network = network

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.network.named.append(server_hostname)
        return self


def fetch_over(network: Recorder, address: str, *answers: list[str]) -> Answer:
    """Fetch with a name server that gives these answers, one after the other."""
    replies = iter(answers)
    with Fetcher(CheckedNetwork((), resolve=lambda _host, _port: next(replies), network=network)) as fetcher:
        return fetcher.fetch(address, io.BytesIO(), max_bytes=1000)


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_a_network_is_reached(address: str) -> None:
    assert not may_reach(address, inside=False)


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_reached(address: str) -> None:
    assert may_reach(address, inside=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "fd12::1", "::1"])
def test_an_allowed_host_may_be_inside(address: str) -> None:
    assert may_reach(address, inside=True)


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"])
def test_even_an_allowed_host_may_not_be_where_clouds_keep_credentials(address: str) -> None:
    assert not may_reach(address, inside=True)


@given(st.ip_addresses(v=4))
def test_no_disguise_makes_an_address_reachable(address: Any) -> None:
    plain = may_reach(str(address), inside=False)
    number = int(address)
    for disguise in (f"::ffff:{address}", f"64:ff9b::{address}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1"):
        assert may_reach(disguise, inside=False) is plain


@pytest.mark.parametrize(
    "address",
    [
        "ftp://acme.com/a",
        "file:///etc/passwd",
        "gopher://acme.com/",
        "//acme.com",
        "acme.com",
        "http://",
        "",
    ],
)
def test_only_web_addresses_are_taken(address: str) -> None:
    with pytest.raises(InvalidInput, match="web address"):
        checked_url(address, ())


@pytest.mark.parametrize(
    "address",
    [
        "http://ana:secret@acme.com/",
        "http://acme.com:22/",
        "http://acme.com:6379/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "https://192.168.0.1/",
    ],
)
def test_an_address_that_can_be_told_to_lead_inside_is_refused_at_once(address: str) -> None:
    with pytest.raises(NotAllowed):
        checked_url(address, ())


def test_a_port_is_opened_by_naming_it() -> None:
    assert checked_url("http://wiki.intern:8080/a#top", ["wiki.intern:8080"]) == "http://wiki.intern:8080/a"
    with pytest.raises(NotAllowed):
        checked_url("http://wiki.intern:8080/", ["wiki.intern"])


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "localhost."]
)
def test_this_machine_is_not_reached_under_any_name(host: str) -> None:
    with pytest.raises((NotAllowed, InvalidInput, ServiceUnavailable)):
        get(f"http://{host}/")


def test_a_name_with_one_address_inside_is_not_reached() -> None:
    network = Recorder()
    with pytest.raises(NotAllowed, match="private network"):
        fetch_over(network, "http://acme.example/", [PUBLIC, "10.0.0.1"])
    assert network.connected == []


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    network = Recorder()
    fetch_over(network, "https://acme.example/", [PUBLIC], ["127.0.0.1"])
    assert network.connected == [(PUBLIC, 443)]
    assert network.named == ["acme.example"]


def test_a_name_that_moves_inside_for_the_redirect_is_refused() -> None:
    network = Recorder(b"HTTP/1.1 302 Found\r\nLocation: /next\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(NotAllowed, match="private network"):
        fetch_over(network, "http://acme.example/", [PUBLIC], ["127.0.0.1"])
    assert network.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/",
        "http://169.254.169.254/",
        "http://localhost/",
        "file:///etc/passwd",
        "http://a:b@acme.com/",
    ],
)
def test_a_redirect_inside_is_refused(site: Site, target: str) -> None:
    site.has("/", status=302, Location=target)
    with pytest.raises((NotAllowed, InvalidInput)):
        get(site.at())


def test_a_public_page_does_not_lead_to_a_host_that_was_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, "wiki.intern")
    network = Recorder(b"HTTP/1.1 302 Found\r\nLocation: http://wiki.intern/\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(NotAllowed, match="into a private network"):
        fetch_over(network, "http://acme.example/", [PUBLIC], ["10.0.0.1"])
    assert network.connected == [(PUBLIC, 80)]


def test_redirects_are_followed_a_few_times(site: Site) -> None:
    site.has("/a", status=301, Location="/b")
    site.has("/b", status=307, Location="/c")
    site.has("/c", "there")
    answer, content = get(site.at("/a"))
    assert (answer.url, content) == (site.at("/c"), b"there")


def test_a_circle_of_redirects_ends(site: Site) -> None:
    site.has("/", status=302, Location="/")
    with pytest.raises(ServiceUnavailable, match="redirects more than 5 times"):
        get(site.at())
    assert len(site.asked) == MAX_REDIRECTS + 1


def test_a_redirect_to_another_site_can_be_refused(site: Site) -> None:
    site.has("/", status=302, Location="https://acme.com/login")
    with pytest.raises(NotAllowed, match="another site"):
        get(site.at(), only_host="127.0.0.1")


def test_a_page_comes_with_what_the_server_says_of_it(site: Site) -> None:
    site.has("/", "<p>Hi", ETag='"1"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT")
    answer, content = get(site.at())
    assert content == b"<p>Hi"
    assert (answer.media_type, answer.charset, answer.etag) == ("text/html", "utf-8", '"1"')
    assert site.asked[0][1]["user-agent"].startswith("AskAcme/")
    assert site.asked[0][1]["host"] == f"127.0.0.1:{site.port}"
    assert "cookie" not in site.asked[0][1]


@pytest.mark.parametrize("validator", [{"etag": '"1"'}, {"last_modified": "Mon, 02 Nov 2026 10:00:00 GMT"}])
def test_an_unchanged_page_is_not_sent_again(site: Site, validator: dict[str, Any]) -> None:
    site.has("/", "words", ETag='"1"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT")
    answer, content = get(site.at(), **validator)
    assert (answer.status, content) == (304, b"")


def test_too_large_a_page_is_not_read_to_its_end(site: Site) -> None:
    site.has("/", b"x" * 3_000_000)
    with pytest.raises(FileTooLarge):
        get(site.at())


def test_a_packed_page_is_unpacked(site: Site) -> None:
    site.has("/", gzip.compress(b"words"), Content_Encoding="gzip")
    assert get(site.at())[1] == b"words"


def test_a_gzip_bomb_is_stopped_when_it_is_too_large(site: Site) -> None:
    site.has("/", gzip.compress(bytes(200_000_000), 9), Content_Encoding="gzip")
    with pytest.raises(FileTooLarge):
        get(site.at())


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate", "zstd"])
def test_an_encoding_that_was_not_asked_for_is_refused(site: Site, encoding: str) -> None:
    site.has("/", gzip.compress(b"words"), Content_Encoding=encoding)
    with pytest.raises(UnreadableFile, match="not asked for"):
        get(site.at())


@pytest.mark.parametrize("content", [b"no gzip at all", gzip.compress(b"words" * 999)[:-9]], ids=["no gzip", "cut off"])
def test_a_damaged_page_is_refused(site: Site, content: bytes) -> None:
    site.has("/", content, Content_Encoding="gzip")
    with pytest.raises(UnreadableFile):
        get(site.at())


def test_what_follows_a_packed_page_is_left_alone() -> None:
    assert b"".join(unpacked(iter([gzip.compress(b"words") + b"more"]), "gzip", 100)) == b"words"


def test_a_packed_file_is_unpacked_up_to_a_size() -> None:
    assert gunzipped(gzip.compress(b"words"), 5) == b"words"
    with pytest.raises(FileTooLarge):
        gunzipped(gzip.compress(b"words!"), 5)


def test_a_server_that_does_not_answer_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.sources.safe_fetch.TIMEOUTS_S", {"connect": 1, "read": 0.1, "write": 1, "pool": 1})
    silence = threading.Event()
    site.has("/", "words")
    site.pages["/"].before = lambda: silence.wait(5)
    try:
        with pytest.raises(ServiceUnavailable, match="took too long"):
            get(site.at())
    finally:
        silence.set()


def test_a_server_that_drips_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.sources.safe_fetch.PAGE_TIMEOUT_S", 0.0)
    site.has("/", "words")
    with pytest.raises(ServiceUnavailable, match="took too long"):
        get(site.at())


def test_a_server_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, "127.0.0.1:9")
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:9 could not be reached"):
        get("http://127.0.0.1:9/")


def test_a_name_that_nobody_knows_is_said() -> None:
    with pytest.raises(AskAcmeError, match="not known"):
        get("http://nowhere.invalid/")
