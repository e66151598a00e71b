"""The demo's tools: connectors to Acme's HR system, made once; what people change or delete stays so."""

from typing import Any

from django.db import transaction

from askacme.demo.hr_place import HrPlace
from askacme.lib.sealed import Unreadable
from chat.tools.models import Connector
from governance.audit.models import AuditEvent
from governance.audit.services import record

SYSTEM = "HR system"


def arguments(required: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


TOOLS: tuple[dict[str, Any], ...] = (
    {
        "name": "vacation_balance",
        "title": "Vacation balance",
        "description": (
            "The employee's own vacation days of a year: allowance, taken, planned, remaining. For questions about how"
            " many days they have; not for the rules of vacation."
        ),
        "method": "GET",
        "path": "/v1/employees/me/vacation",
        "arguments": arguments(
            year={"type": "integer", "title": "Year", "description": "This year if left out.", "minimum": 2000}
        ),
        "answer_template": (
            "You have {remaining_days} vacation days left in {year}. Of your {allowance_days} days you have taken"
            " {taken_days} and planned {planned_days}."
        ),
        "example_questions": """How many vacation days do I have left?
How much holiday do I have left this year?
What is my vacation balance?
How many days off can I still take?
How many vacation days have I taken?
How much paid time off do I have left?
How many PTO days do I have?""",
    },
    {
        "name": "next_payslip",
        "title": "Next payslip",
        "description": "When the employee's own next salary is paid, how much it is, and when the payslip is there.",
        "method": "GET",
        "path": "/v1/employees/me/payslips/next",
        "arguments": arguments(),
        "answer_template": (
            "Your salary for {period} is paid on {pay_date}: {net_amount} {currency} net. The payslip is there on"
            " {available_on}."
        ),
        "example_questions": """When is my next payslip available?
When do I get my salary this month?
How much will I be paid this month?
When is my next payday?""",
    },
    {
        "name": "open_it_ticket",
        "title": "Open an IT ticket",
        "description": "Opens a ticket with IT support, in the employee's name, for something that does not work.",
        "method": "POST",
        "path": "/v1/tickets",
        "changes_something": True,
        "arguments": arguments(
            ("summary",),
            summary={"type": "string", "title": "What is wrong", "minLength": 3, "maxLength": 500},
            category={
                "type": "string",
                "title": "About",
                "enum": ["laptop", "account", "network", "software", "other"],
                "default": "other",
            },
            urgency={"type": "string", "title": "Urgency", "enum": ["low", "normal", "high"], "default": "normal"},
        ),
        "answer_template": "Ticket {ticket} is open. IT will answer by {answer_by}.",
        "example_questions": """Please open an IT ticket: my laptop does not start.
Open a ticket for me, my screen is broken.
Can you create a support ticket because I can't log in?
Create a ticket: the wifi does not work.
Report to IT that the printer is broken.
I need help from IT, please open a ticket.
Raise an IT ticket for a software problem.""",
    },
    {
        "name": "request_equipment",
        "title": "Request equipment",
        "description": "Asks for a piece of equipment in the employee's name; their manager approves it.",
        "method": "POST",
        "path": "/v1/equipment-requests",
        "changes_something": True,
        "arguments": arguments(
            ("item", "reason"),
            item={
                "type": "string",
                "title": "Equipment",
                "enum": ["laptop", "monitor", "keyboard", "mouse", "headset", "chair", "phone"],
            },
            reason={"type": "string", "title": "Why it is needed", "minLength": 3, "maxLength": 500},
        ),
        "answer_template": "Your request {request} for a {item} is on its way: it {status}.",
        "example_questions": "",
    },
)


def add_tools(place: HrPlace) -> None:
    """Connectors that are missing; those that are there only learn where the service is now."""
    names = [tool["name"] for tool in TOOLS]
    known = {connector.name: connector for connector in Connector.objects.filter(name__in=names)}
    removed = set(
        AuditEvent.objects.filter(action="connector.delete", target__in=names).values_list("target", flat=True)
    )
    for tool in TOOLS:
        if tool["name"] in known:
            follow(known[tool["name"]], tool["path"], place)
        elif tool["name"] not in removed:
            add_tool(tool, place)


@transaction.atomic
def add_tool(tool: dict[str, Any], place: HrPlace) -> None:
    fields = {name: value for name, value in tool.items() if name != "path"}
    Connector.objects.create(
        **fields,
        url=f"{place.url}{tool['path']}",
        auth=Connector.Auth.BEARER,
        secret=place.key,
        system=SYSTEM,
        for_everyone=True,
    )
    record(actor=None, action="connector.create", target=tool["name"], demo=True)


def follow(connector: Connector, path: str, place: HrPlace) -> None:
    """To another port; a connector that people led elsewhere, or to another path, is theirs."""
    is_ours = connector.url.startswith("http://127.0.0.1:") and connector.url.endswith(path)
    if is_ours and connector.url != f"{place.url}{path}":
        connector.url = f"{place.url}{path}"
        connector.save(update_fields=["url"])
    if is_ours and not opens_to(connector, place.key):
        connector.secret = place.key
        connector.save(update_fields=["secret"])


def opens_to(connector: Connector, key: str) -> bool:
    try:
        return bool(connector.secret.open() == key)
    except Unreadable:
        return False
