"""Stage: who words the answer. A model with tools when the kind of question asks for them, a model, or the reader."""

import logging
from dataclasses import replace
from functools import partial
from html import unescape
from typing import Any

from askacme.lib.errors import BudgetExceeded, ModelUnavailable
from chat.pipeline.agent import Worked, agent
from chat.pipeline.fallback import fall_back
from chat.pipeline.generate import caller_of, generate, request_for
from chat.pipeline.self_service import serve_self
from chat.pipeline.telling import Telling
from chat.pipeline.trace import Trace
from chat.pipeline.values import Asked, Condensed, Draft, Emit, Found
from governance.gateway.complete import stream
from governance.gateway.providers.reader import ReaderProvider
from governance.gateway.registry import deployments
from governance.gateway.routing.services import Route
from governance.guardrails.output.canary import canary_of, with_canary
from governance.guardrails.output.stream import ScreenedStream, Withheld
from governance.prompts.sent import Prompt

logger = logging.getLogger(__name__)

PERSONAL = "personal"
WITH_TOOLS = {PERSONAL, "multi_step"}

HALFWAY = "The language model can't be reached any more. What I looked up or prepared for you stands below."


async def respond(condensed: Condensed, found: Found, asked: Asked, course: Route, emit: Emit, trace: Trace) -> Worked:
    """
    The draft, and the passages and tools that it leans on. What it says is screened; the findings go into the trace.

    What may not be told ends the answer at once, and what was told of it is withdrawn. Raises ModelUnavailable when
    neither a model nor the reader can answer, ToolFailed, and GuardUnavailable.
    """
    prompt = asked.recipe.answer_prompt()
    telling = Telling(emit, trace, condensed.question, screen_of(prompt, condensed, asked))
    try:
        worked = await word(condensed, found, asked, course, telling)
    except Withheld as stop:
        logger.warning("Request %s is held back: %s", asked.request_id, stop.finding.code)
        await telling.withdraw()
        draft = Draft(prompt_version=prompt.version, ttft_ms=telling.ttft_ms)
        worked = Worked(draft, found, withheld=stop.finding.code)
    finally:
        if trace.spans:
            trace.spans[-1].detail |= as_detail(telling.screen)
    return replace(worked, checker=telling.checker)


async def word(condensed: Condensed, found: Found, asked: Asked, course: Route, telling: Telling) -> Worked:
    worked = None
    if asked.rehearsal:  # asks no other system, and prepares nothing there
        return Worked(await generate(condensed, found, asked, course, telling), found)
    if course.kind in WITH_TOOLS and await has_language_model():
        worked = await with_tools(condensed, found, asked, course, telling)
    elif course.kind == PERSONAL:
        worked = await serve_self(condensed.question, found, asked, telling)
    return worked or Worked(await generate(condensed, found, asked, course, telling), found)


def screen_of(prompt: Prompt, condensed: Condensed, asked: Asked) -> ScreenedStream:
    """What the answer passes; the passages are added as they come to hand."""
    said = [asked.question, condensed.question, *(unescape(message.content) for message in condensed.history)]
    instructions = f"{with_canary(prompt.text, prompt.version)}\n{asked.recipe.prompt('tools').text}"
    return ScreenedStream(asked.policy, sources=said, system_prompt=instructions, canary=canary_of(prompt.version))


def as_detail(screen: ScreenedStream) -> dict[str, Any]:
    return {"guards": [verdict.as_json() for verdict in screen.findings]} if screen.findings else {}


async def has_language_model() -> bool:
    return not all(isinstance(each.provider, ReaderProvider) for each in await deployments())


async def with_tools(
    condensed: Condensed, found: Found, asked: Asked, course: Route, telling: Telling
) -> Worked | None:
    """The agent's answer; without a model what a template can say, or quotes. None: nothing of all that."""
    prompt = asked.recipe.answer_prompt()
    request = request_for(condensed, found.passages, prompt, tier=course.tier)
    caller = caller_of(asked, prompt)
    try:
        worked = await agent(request, found, asked, telling, ask=partial(stream, caller=caller))
    except (ModelUnavailable, BudgetExceeded) as failure:
        if course.kind == PERSONAL and (served := await serve_self(condensed.question, found, asked, telling)):
            return served
        if not found.passages:
            raise
        worked = Worked(Draft(), found, failure=failure)
    draft = replace(worked.draft, prompt_version=prompt.version)
    if worked.failure and worked.found.passages:
        request = replace(request, passages=worked.found.passages)
        draft = await fall_back(worked.failure, request, caller=caller, telling=telling, draft=draft)
    elif worked.failure:
        gap = "\n\n" if draft.text else ""
        await telling.add(f"{gap}*{HALFWAY}*")
        draft = replace(draft, text=telling.text.rstrip(), is_fallback=True)
    return replace(worked, draft=draft)
