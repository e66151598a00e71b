"""Which tools a person may use now: what is not in here can neither be offered nor run."""

from functools import partial

from chat.tools import calculate, dates, knowledge
from chat.tools.connect import outgoing, send
from chat.tools.models import BuiltInTool, Connector
from chat.tools.values import Person, Tool
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.types import ToolSpec

BUILT_IN = {
    tool.name: tool
    for tool in (
        Tool(knowledge.SPEC, title="Search the documents", system="AskAcme", run=knowledge.run),
        Tool(calculate.SPEC, title="Calculator", system="AskAcme", run=calculate.run),
        Tool(dates.SPEC, title="Dates", system="AskAcme", run=dates.run),
    )
}


def person_and_tools(user_id: int, audience: Audience) -> tuple[Person, dict[str, Tool]]:
    """Who asks, in the audience of the question, and the tools that are theirs."""
    person = Person(user_id, User.objects.get(pk=user_id).email, audience)
    return person, tools_for(person)


def tools_for(person: Person) -> dict[str, Tool]:
    """By name; in a fixed order, so that providers can cache the list. None for an account that is closed."""
    if person.audience.user_id is None:
        return {}
    restricted = set(BuiltInTool.objects.values_list("name", flat=True))
    allowed = set(BuiltInTool.objects.open_to(person.audience).values_list("name", flat=True))
    built_in = {name: tool for name, tool in BUILT_IN.items() if name not in restricted or name in allowed}
    connectors = Connector.objects.open_to(person.audience).order_by("name")
    return built_in | {connector.name: tool_of(connector) for connector in connectors}


def tool_of(connector: Connector) -> Tool:
    return Tool(
        spec=ToolSpec(connector.name, f"{connector.description} ({connector.system})", connector.arguments),
        title=connector.title,
        system=connector.system,
        run=partial(send, connector),
        fingerprint=lambda arguments: outgoing(connector, arguments).fingerprint,
        changes_something=connector.changes_something,
        timeout_s=connector.timeout_s,
        answer_template=connector.answer_template,
        examples=connector.examples,
    )
