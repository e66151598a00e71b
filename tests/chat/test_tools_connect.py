"""Calling another system: as the employee, within limits, and never where credentials lie."""

import gzip
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from askacme.lib.errors import InvalidArguments, InvalidInput, ToolFailed
from askacme.lib.sealed import Sealed, seal
from chat.tools.connect import check_address, send
from chat.tools.models import Connector
from chat.tools.values import Call, Person, ToolResult
from governance.access.audience import Audience
from tests.chat.systems import System, build_connector, build_ticket_connector, running_system

ANA = Person(1, "ana@acme.example", Audience.nobody())


@pytest.fixture
def system() -> Iterator[System]:
    with running_system() as running:
        yield running


async def called(connector: Connector, **arguments: Any) -> ToolResult:
    return await send(connector, Call("7", arguments, ANA))


async def refusal(connector: Connector, **arguments: Any) -> str:
    with pytest.raises(ToolFailed) as caught:
        await called(connector, **arguments)
    return str(caught.value)


@pytest.fixture
def vacation(system: System) -> Connector:
    return build_connector(system.url, auth="bearer", secret=Sealed(seal("s3cret")))


async def test_it_asks_as_the_employee_with_the_secret(system: System, vacation: Connector) -> None:
    result = await called(vacation)
    assert result.data == {"remaining_days": 17, "year": 2026}
    heard = system.heard[0]
    assert (heard.method, heard.path) == ("GET", "/vacation")
    assert heard.headers["x-employee-email"] == "ana@acme.example"
    assert heard.headers["authorization"] == "Bearer s3cret"


async def test_a_header_can_carry_the_secret(system: System) -> None:
    await called(build_connector(system.url, auth="header", auth_header="X-Api-Key", secret=Sealed(seal("s3cret"))))
    assert system.heard[0].headers["x-api-key"] == "s3cret"


async def test_cookies_are_neither_kept_nor_sent(system: System, vacation: Connector) -> None:
    system.headers["Set-Cookie"] = "session=ana; Path=/"
    for _ in range(2):
        await called(vacation)
    assert [heard.headers.get("cookie") for heard in system.heard] == [None, None]


async def test_arguments_cannot_leave_their_place_in_the_address(system: System) -> None:
    connector = build_connector(system.url, url=f"{system.url}/people/{{name}}/days?of={{year}}")
    await called(connector, name="a/../b?x=1#y", year=2026, more="&admin=1")
    assert system.heard[0].path == "/people/a%2F..%2Fb%3Fx%3D1%23y/days?of=2026&more=%26admin%3D1"


@pytest.mark.parametrize("name", ["..", ".", ""])
async def test_an_argument_cannot_climb_out_of_the_path(system: System, name: str) -> None:
    with pytest.raises(InvalidArguments):
        await called(build_connector(system.url, url=f"{system.url}/people/{{name}}/days"), name=name)
    assert system.heard == []


async def test_arguments_that_no_address_can_hold_are_refused(system: System) -> None:
    with pytest.raises(InvalidArguments, match="too long for an address"):
        await called(build_connector(system.url), name="😀" * 7000)
    assert system.heard == []


async def test_a_post_sends_json_and_the_same_key_when_it_is_tried_again(system: System) -> None:
    connector = build_ticket_connector(system.url)
    for _ in range(2):
        await called(connector, summary="broken")
    assert [heard.body for heard in system.heard] == [{"summary": "broken"}] * 2
    assert [heard.headers["idempotency-key"] for heard in system.heard] == ["7", "7"]


async def test_ten_megabytes_are_not_read(system: System, vacation: Connector) -> None:
    system.content = b'"' + b"x" * 10_000_000 + b'"'
    assert await refusal(vacation) == "HR system: the answer is larger than 64 KiB."


async def test_nothing_packed_is_asked_for_or_unpacked(system: System, vacation: Connector) -> None:
    system.headers["Content-Encoding"] = "gzip"
    system.content = gzip.compress(system.content)
    assert "something else than JSON" in await refusal(vacation)
    assert system.heard[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("content", [b"<h1>Sign in</h1>", b"[" * 5000, b'{"a": NaN}', b"\xff\xfe"])
async def test_what_is_no_json_is_refused(system: System, vacation: Connector, content: bytes) -> None:
    system.content = content
    assert await refusal(vacation) == "HR system: answered with something else than JSON."


@pytest.mark.parametrize("number", ["1e999999999", "1e-3000000", "1e99999999999999999999", "-1E+31"])
async def test_a_number_that_would_fill_the_memory_is_refused(system: System, vacation: Connector, number: str) -> None:
    system.content = f'{{"days": {number}}}'.encode()
    assert await refusal(vacation) == "HR system: answered with something else than JSON."


async def test_numbers_stay_exact(system: System, vacation: Connector) -> None:
    system.content = b'{"days": 12.50, "none": 0.0, "much": 1.5e9}'
    assert (await called(vacation)).data == {"days": Decimal("12.50"), "none": Decimal("0.0"), "much": Decimal("1.5e9")}


async def test_redirects_are_not_followed(system: System, vacation: Connector) -> None:
    system.status, system.headers["Location"] = 302, "http://169.254.169.254/"
    assert "redirects" in await refusal(vacation)
    assert len(system.heard) == 1


async def test_a_refusal_says_what_the_system_said(system: System, vacation: Connector) -> None:
    system.says({"title": "Unknown", "detail": "No such\u202e employee.\n" + "x" * 1000}, status=404)
    words = await refusal(vacation)
    assert words.startswith("HR system: No such employee. xxx")
    assert len(words) < 350


async def test_a_refusal_without_words_names_its_status(system: System, vacation: Connector) -> None:
    system.status, system.content = 500, b"<html>"
    assert await refusal(vacation) == "HR system: refused (HTTP 500)."


async def test_nobody_at_home_is_said_in_words() -> None:
    assert await refusal(build_connector("http://127.0.0.1:9")) == "HR system: could not be reached."


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "[::ffff:169.254.169.254]", "0.0.0.0"],
)
async def test_where_clouds_keep_credentials_nothing_is_sent(host: str) -> None:
    assert "never connected to" in await refusal(build_connector(f"http://{host}"))


async def test_a_name_that_leads_there_does_not_help(system: System) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1", "169.254.169.254"]

    with pytest.raises(ToolFailed, match="never connected to"):
        await send(build_connector(system.url), Call("7", {}, ANA), resolve=resolve)
    assert system.heard == []


async def test_a_name_is_looked_up_once_and_named_to_the_server(system: System) -> None:
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    port = system.url.rsplit(":", 1)[1]
    connector = build_connector(f"http://hr.acme.example:{port}")
    await send(connector, Call("7", {}, ANA), resolve=resolve)
    assert asked == ["hr.acme.example"]
    assert system.heard[0].headers["host"] == f"hr.acme.example:{port}"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hr.example/",
        "//hr.example/",
        "http:///x",
        "http://user:pass@hr.example/",
        "http://{host}/x",
        "http://hr.{domain}:80/x",
        "http://hr.example:{port}/",
        "{url}",
        "http://hr.example/#x",
        "http://[::1/",
    ],
)
def test_an_address_that_no_connector_may_have(url: str) -> None:
    with pytest.raises(InvalidInput):
        check_address(url)
