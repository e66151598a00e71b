"""AskAcme for MCP clients: the official client against a web process."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import httpx2
import pytest
from django.contrib.auth.models import Group
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation
from chat.conversations.schema import SentenceOut, Usage
from chat.mcp.tools import Answered
from chat.proof.values import State
from governance.access.models import ApiKey, User
from governance.gateway.limits.models import UsageLimit
from tests.cast import bearer, make_document
from tests.chat.served import web_process

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How many weeks of parental leave do I get?"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[str]:
    with web_process() as url:
        yield url


@asynccontextmanager
async def client_of(site: str, user: User, mode: str = "auto") -> AsyncIterator[Client]:
    headers = await in_thread(bearer, user)
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{site}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_both_tools_are_listed_as_only_reading(site: str, ana: User, mode: str) -> None:
    async with client_of(site, ana, mode) as client:
        tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == ["search", "ask"]
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
    assert all(tool.output_schema for tool in tools)


async def test_ask_answers_with_proof(site: str, ana: User) -> None:
    await in_thread(make_document)
    async with client_of(site, ana) as client:
        result = await client.call_tool("ask", {"question": QUESTION})
    answer = result.structured_content
    assert answer["status"] == "success"
    assert {sentence["state"] for sentence in answer["proof"]} == {"proved"}
    assert answer["sources"][0]["url"].startswith(f"{site}/sources/")
    assert text_of(result).startswith(answer["answer"])
    assert "[1] Parental leave: “" in text_of(result)
    assert (await Conversation.objects.aget(user=ana)).is_temporary


def test_a_model_reads_which_sentence_has_no_proof() -> None:
    unproved = SentenceOut(index=0, start=0, end=8, state=State.UNPROVED, cites=[], reason="no_source")
    usage = Usage(input_tokens=0, output_tokens=0)
    answered = Answered(
        request_id="1", conversation_id="1", question="?", status="success", answer="So it is", sources=[],
        proof=[unproved], confidence=0, cached=None, model="", prompt_version="", usage=usage, cost_usd=None,
        latency_ms=None, ttft_ms=None,
    )  # fmt: skip
    assert str(answered) == "So it is (no proof found)"


async def test_search_finds_passages(site: str, ana: User) -> None:
    document = await in_thread(make_document)
    async with client_of(site, ana, "legacy") as client:
        result = await client.call_tool("search", {"query": "parental leave", "top": 1})
    (passage,) = result.structured_content["passages"]
    assert passage["path"] == document.path
    assert passage["text"] in text_of(result)


async def test_cleo_outside_the_audience_finds_and_hears_nothing(site: str, cleo: User, team: Group) -> None:
    await in_thread(make_document, groups=(team,))
    async with client_of(site, cleo) as client:
        found = await client.call_tool("search", {"query": QUESTION})
        answer = await client.call_tool("ask", {"question": QUESTION})
    assert found.structured_content == {"passages": []}
    assert answer.structured_content["status"] == "no_answer"
    assert "16" not in text_of(answer)


async def test_searches_and_questions_count_alike(site: str, ana: User) -> None:
    await UsageLimit.objects.acreate(scope=UsageLimit.Scope.PERSON, user=ana, requests_per_day=1)
    async with client_of(site, ana) as client:
        assert not (await client.call_tool("search", {"query": QUESTION})).is_error
        for tool, arguments in (("search", {"query": QUESTION}), ("ask", {"question": QUESTION})):
            refused = await client.call_tool(tool, arguments)
            assert refused.is_error
            assert "You can ask again in" in text_of(refused)


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("search", {}, "query: Field required"),
        ("search", {"query": "x", "top": 0}, "top: Input should be greater"),
        ("ask", {"question": " "}, "Please type a question."),
    ],
)
async def test_what_is_wrong_with_a_call_is_said_to_the_model(
    site: str, ana: User, tool: str, arguments: dict[str, object], reason: str
) -> None:
    async with client_of(site, ana) as client:
        result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert reason in text_of(result)


async def test_a_tool_that_is_none_is_an_error(site: str, ana: User) -> None:
    async with client_of(site, ana) as client:
        with pytest.raises(MCPError, match="There is no tool 'delete'"):
            await client.call_tool("delete", {})


def test_without_a_key_there_is_no_answer(site: str) -> None:
    response = httpx.post(f"{site}/mcp", json=PING)
    assert (response.status_code, response.json()["code"]) == (401, "sign_in_required")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_opens_nothing(site: str, ana: User) -> None:
    headers = bearer(ana)
    ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert httpx.post(f"{site}/mcp", json=PING, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
    ],
)
def test_another_site_s_page_can_t_speak_through_a_browser(
    site: str, ana: User, headers: dict[str, str], status: int
) -> None:
    assert httpx.post(f"{site}/mcp", json=PING, headers=bearer(ana) | headers).status_code == status


def test_there_is_nothing_to_wait_for(site: str, ana: User) -> None:
    response = httpx.get(f"{site}/mcp", headers=bearer(ana))
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
