"""Stage: a personal question without a language model. The nearest tool is asked, and a template words what it says."""

from dataclasses import dataclass, replace
from uuid import UUID

from askacme.lib.errors import ToolFailed
from askacme.lib.threads import in_thread
from chat.pipeline.agent import Worked
from chat.pipeline.telling import Telling
from chat.pipeline.values import Asked, Draft, Found
from chat.proof.reasons import FROM_SYSTEM
from chat.tools.pick import Picked, pick
from chat.tools.registry import person_and_tools
from chat.tools.services import look_up, prepared, propose
from chat.tools.values import Person
from governance.gateway.complete import Served
from governance.gateway.types import Completed

PREPARED = "I have prepared this for you. Nothing is sent to the {system} before you confirm it below."


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    use_id: UUID


async def serve_self(question: str, found: Found, asked: Asked, telling: Telling) -> Worked | None:
    """
    The answer of the tool that the question is about; None when it is about none of the asker's tools.

    Raises ToolFailed, in words for the person, when that tool does not answer.
    """
    person, tools = await in_thread(person_and_tools, asked.user_id, asked.audience)
    picked = await in_thread(pick, question, tools)
    if picked is None:
        return None
    await telling.emit.status("looking_up")
    said = await (_prepare if picked.tool.changes_something else _ask)(picked, person, asked.request_id)
    telling.allow([said.text])
    await telling.add(said.text, vouched=FROM_SYSTEM % {"said": picked.tool.system})
    served = Served("tools", picked.tool.name, Completed(0, 0, confidence=round(picked.similarity, 3)), None)
    draft = Draft(text=telling.text.rstrip(), served=served, ttft_ms=telling.ttft_ms)
    return Worked(draft, replace(found, passages=()), (said.use_id,))  # nobody read them


async def _ask(picked: Picked, person: Person, request_id: UUID) -> Said:
    outcome = await look_up(tool=picked.tool, arguments=picked.arguments, person=person, request_id=request_id)
    if outcome.result is None:
        raise ToolFailed(f"I could not look this up. {outcome.use.error} Please try again later.")
    return Said(f"According to the {picked.tool.system}: {outcome.use.outcome}", outcome.use.pk)


async def _prepare(picked: Picked, person: Person, request_id: UUID) -> Said:
    tool = picked.tool
    use = await in_thread(prepared, tool=tool, person=person, request_id=request_id)
    if use is None:
        use = await in_thread(propose, tool=tool, arguments=picked.arguments, person=person, request_id=request_id)
    return Said(PREPARED.format(system=tool.system), use.pk)
