"""The MCP server: two tools. Imported at the first call only."""

from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import ValidationError

from askacme.lib.errors import AskAcmeError
from chat.mcp.endpoint import Receive, Scope, Send
from chat.mcp.tools import TOOLS, Offer

INSTRUCTIONS = """\
Answers from the company's own documents, as far as the key's owner may see them. `ask` gives one answer whose sentences
cite their sources as [1]: keep the marks. `search` gives the passages themselves, to read."""
ONLY_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

Context = ServerRequestContext[Any, Any]
"""Its `request` is the HTTP call, whose scope says who calls."""


async def list_tools(_context: Context, _params: PaginatedRequestParams | None) -> ListToolsResult:
    return ListToolsResult(tools=[described(name, offer) for name, offer in TOOLS.items()])


async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
    """What goes wrong for a reason is the result, in words that help a model to do better."""
    offer = TOOLS.get(params.name)
    if offer is None or context.request is None:
        raise MCPError(INVALID_PARAMS, f"There is no tool '{params.name}'. There are: {', '.join(TOOLS)}.")
    scope = context.request.scope
    try:
        arguments = offer.arguments.model_validate(params.arguments or {})
        result = await offer.call(arguments, scope["user"], scope["site"])
    except ValidationError as error:
        return failed("; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()))
    except AskAcmeError as error:
        return failed(str(error))
    return CallToolResult(content=[TextContent(text=str(result))], structured_content=result.model_dump(mode="json"))


def described(name: str, offer: Offer) -> Tool:
    return Tool(
        name=name,
        title=offer.title,
        description=offer.description,
        input_schema=offer.arguments.model_json_schema(),
        output_schema=offer.result.model_json_schema(mode="serialization"),
        annotations=ONLY_READS,
    )


def failed(why: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=why)], is_error=True)


server: Server[Any] = Server(
    "askacme", title="AskAcme", version="1", instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool
)


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """
    One HTTP call. Without sessions nothing outlives it, so neither does what the package keeps for it.

    Hosts and origins are checked before: `chat.mcp.endpoint`.
    """
    calls = StreamableHTTPSessionManager(server, stateless=True)
    async with calls.run():
        await calls.handle_request(scope, receive, send)
