"""An answer scored by a language model, where a case has a rubric."""

from html import escape
from uuid import uuid4

from pydantic import BaseModel, Field

from governance.gateway.providers.reader import ReaderProvider
from governance.gateway.registry import deployments
from governance.gateway.structured import complete_as
from governance.gateway.types import Caller, ChatMessage, CompletionRequest
from governance.prompts.released import prompt
from governance.prompts.suites.cases import CaseSpec, Said
from governance.prompts.suites.checks import Finding

PURPOSE = "evaluation"
NO_MODEL = "not judged: no language model is configured"


class Judged(BaseModel):
    """What the judge says of one answer."""

    score: float = Field(ge=0.0, le=1.0)
    reason: str = Field(min_length=1, max_length=600)


async def judged(case: CaseSpec, said: Said) -> list[Finding]:
    """
    The finding about the case's rubric, if it has one. By the released judge, whatever version is under test.

    Without a language model it can't be judged. Raises InvalidOutput and whatever the gateway raises.
    """
    if not case.rubric:
        return []
    wanted = f"at least {case.floor:.2f} for: {case.rubric}"
    if all(isinstance(each.provider, ReaderProvider) for each in await deployments()):
        return [Finding("judge", None, wanted, NO_MODEL)]
    found = await scored(case, said)
    return [Finding("judge", found.score >= case.floor, wanted, f"{found.score:.2f}: {found.reason}")]


async def scored(case: CaseSpec, said: Said) -> Judged:
    rules = prompt("judge")
    request = CompletionRequest(
        messages=(ChatMessage("system", rules.text), ChatMessage("user", asked_of_judge(case, said))),
        question=case.question,
        tier=rules.own_tier,
        temperature=rules.temperature,
        max_output_tokens=rules.max_output_tokens,
    )
    caller = Caller(str(said.request_id or uuid4()), purpose=PURPOSE, prompt_version=rules.version)
    return await complete_as(Judged, request, caller=caller)


def asked_of_judge(case: CaseSpec, said: Said) -> str:
    """Escaped, so that nothing in an answer can end the element that marks it as data."""
    parts = {"question": case.question, "rubric": case.rubric, "answer": said.text}
    return "\n\n".join(f"<{name}>\n{escape(text, quote=False)}\n</{name}>" for name, text in parts.items())
