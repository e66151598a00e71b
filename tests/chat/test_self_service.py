"""Personal questions without a language model: the nearest tool, and its answer in words."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group

from askacme.demo.hr_tools import TOOLS
from askacme.lib.errors import ToolFailed
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.pipeline.agent import Worked
from chat.pipeline.self_service import serve_self
from chat.pipeline.telling import Telling
from chat.pipeline.trace import Trace
from chat.pipeline.values import Asked, Found
from chat.tools.models import ToolUse
from chat.tools.pick import pick
from chat.tools.registry import tool_of
from governance.access.audience import Audience
from governance.access.models import User
from tests.chat.rows import make_conversation, make_running
from tests.chat.systems import System, build_connector, make_connector, make_ticket_connector, running_system
from tests.chat.test_agent import Told

pytestmark = pytest.mark.django_db(transaction=True)
LEFT = "how many vacation days do I still have left?"
BROKEN = "Please open an IT ticket: my laptop does not start any more."


@pytest.fixture
def system() -> Iterator[System]:
    with running_system() as running:
        yield running


@pytest.fixture
def message(ana: User) -> Message:
    return make_running(make_conversation(ana))


async def served(user: User, message: Message, question: str) -> tuple[Worked | None, Told]:
    asked, emit = Asked(message.request_id, question, user.pk, await in_thread(Audience.of, user)), Told()
    return await serve_self(question, Found(), asked, Telling(emit, Trace())), emit


async def test_a_look_up_is_worded_by_its_template(system: System, ana: User, message: Message) -> None:
    await in_thread(make_connector, system.url)
    worked, emit = await served(ana, message, LEFT)
    assert worked
    assert worked.draft.text == emit.shown == "According to the HR system: You have 17 vacation days left in 2026."
    assert worked.tool_uses == ((await ToolUse.objects.aget()).pk,)
    assert system.heard[0].headers["x-employee-email"] == "ana@acme.example"


async def test_what_cleo_may_not_use_does_not_answer_her(system: System, cleo: User, team: Group) -> None:
    await in_thread(make_connector, system.url, groups=[team])
    message = await in_thread(lambda: make_running(make_conversation(cleo)))
    assert (await served(cleo, message, LEFT))[0] is None
    assert system.heard == []


async def test_a_question_about_something_else_is_left_to_the_documents(
    system: System, ana: User, message: Message
) -> None:
    await in_thread(make_connector, system.url)
    assert (await served(ana, message, "Who approves my travel expenses?"))[0] is None


async def test_a_change_becomes_a_card_with_the_question_s_words(system: System, ana: User, message: Message) -> None:
    await in_thread(make_ticket_connector, system.url)
    worked, _ = await served(ana, message, BROKEN)
    use = await ToolUse.objects.aget()
    assert worked
    assert "Nothing is sent to the HR system before you confirm it" in worked.draft.text
    assert (use.state, use.arguments) == ("proposed", {"summary": BROKEN})
    assert system.heard == []


async def test_a_change_that_waits_already_is_not_prepared_again(system: System, ana: User, message: Message) -> None:
    await in_thread(make_ticket_connector, system.url)
    first, _ = await served(ana, message, BROKEN)
    second, _ = await served(ana, message, BROKEN)
    assert first
    assert second
    assert first.tool_uses == second.tool_uses == ((await ToolUse.objects.aget()).pk,)
    other = await in_thread(lambda: make_running(make_conversation(ana)))
    await served(ana, other, BROKEN)
    assert await ToolUse.objects.acount() == 2, "another question has its own"


async def test_a_system_that_does_not_answer_is_named(system: System, ana: User, message: Message) -> None:
    system.status = 500
    await in_thread(make_connector, system.url)
    with pytest.raises(ToolFailed, match=r"^I could not look this up. HR system: refused \(HTTP 500\)"):
        await served(ana, message, LEFT)


def test_a_tool_that_needs_more_than_can_be_known_is_not_picked() -> None:
    schema = {
        "type": "object",
        "properties": {"of": {"type": "string"}},
        "required": ["of"],
        "additionalProperties": False,
    }
    tool = tool_of(build_connector("http://hr.example", arguments=schema))
    assert pick(LEFT, {tool.name: tool}) is None


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Show my remaining vacation", "vacation_balance"),
        ("what's my holiday balance", "vacation_balance"),
        ("When does my next paycheck arrive?", "next_payslip"),
        ("My laptop won't turn on, open a ticket", "open_it_ticket"),
        ("How is the weather in Berlin?", ""),
    ],
)
def test_the_demo_s_tools_are_found_in_other_words(question: str, name: str) -> None:
    fields = ("name", "arguments", "example_questions", "changes_something", "method")
    built = [build_connector("http://hr.example", **{key: one[key] for key in fields if key in one}) for one in TOOLS]
    picked = pick(question, {connector.name: tool_of(connector) for connector in built})
    assert (picked.tool.name if picked else "") == name
