"""Searching the documents as a tool: for questions that need more than one look."""

import json

from askacme.lib.threads import in_thread
from chat.pipeline.retrieve import IRRELEVANT
from chat.tools.values import Call, ToolResult
from governance.gateway.types import ToolSpec
from knowledge.search.search import find

PASSAGES = 5
SPEC = ToolSpec(
    name="search_knowledge",
    description=(
        "Searches the company's documents that the employee may see; gives numbered passages to cite as [n]. Use it"
        " when the passages at hand don't answer all of the question; ask for one thing at a time."
    ),
    parameters={
        "type": "object",
        "properties": {"query": {"type": "string", "title": "Search for", "minLength": 2, "maxLength": 500}},
        "required": ["query"],
        "additionalProperties": False,
    },
)


async def run(call: Call) -> ToolResult:
    """What stands in no document that this person may see is not found."""
    result = await in_thread(find, str(call.arguments["query"]), audience=call.person.audience, top=PASSAGES)
    hits = result.hits if result.relevance >= IRRELEVANT else ()
    named = [{"document": hit.document, "section": hit.heading, "page": hit.page} for hit in hits]
    return ToolResult(json.dumps(named, ensure_ascii=False), named, hits)
