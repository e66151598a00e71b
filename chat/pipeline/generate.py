"""Stage: the model's words, streamed on while they come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from html import escape

from askacme.lib.errors import BudgetExceeded, ModelUnavailable
from chat.pipeline.caller import caller_for
from chat.pipeline.fallback import fall_back
from chat.pipeline.telling import Telling
from chat.pipeline.values import Asked, Condensed, Draft, Emit, Found
from governance.gateway.complete import GatewayItem, InLine, Served, stream
from governance.gateway.routing.services import Route
from governance.gateway.types import Caller, ChatMessage, CompletionRequest, Passage, Tier
from governance.guardrails.output.canary import with_canary
from governance.prompts.sent import Prompt


async def generate(condensed: Condensed, found: Found, asked: Asked, course: Route, telling: Telling) -> Draft:
    """
    Ask the model, and pass its words on. An empty text means: the passages don't answer.

    When no model can be asked, or the budget is used up, the reader quotes instead. Raises ModelUnavailable when not
    even that can be, and what telling raises: then the model is no longer listened to.
    """
    prompt = asked.recipe.answer_prompt()
    if not found.passages:
        return Draft(prompt_version=prompt.version)
    request = request_for(condensed, found.passages, prompt, tier=course.tier)
    caller = caller_of(asked, prompt)
    telling.lean_on(found.passages)
    failure, served = None, None
    try:
        async with aclosing(stream(request, caller=caller)) as items:
            async for item in until_stopped(items, telling.emit):
                if isinstance(item, Served):
                    served = item
                elif isinstance(item, InLine):
                    await telling.emit.queued(item.place)
                else:
                    await telling.feed(item.text)
    except (ModelUnavailable, BudgetExceeded) as error:
        failure = error
    if served:
        await telling.flush()
    else:
        telling.forget()
    draft = Draft(
        telling.text.rstrip(), tuple(telling.numbers.cited), served, served is None, prompt.version, telling.ttft_ms
    )
    if failure is None:
        return draft
    return await fall_back(failure, request, caller=caller, telling=telling, draft=draft)


def caller_of(asked: Asked, prompt: Prompt) -> Caller:
    return caller_for(asked, prompt_version=prompt.version)


def request_for(
    condensed: Condensed, passages: tuple[Passage, ...], prompt: Prompt, *, tier: Tier = "fast"
) -> CompletionRequest:
    """
    The prompt's fixed part first, so that providers can cache it; then what was said before, which only grows; then
    the passages; the question last.
    """
    listed = "\n\n".join(map(as_passage, passages))
    question = condensed.question
    return CompletionRequest(
        messages=(
            ChatMessage("system", with_canary(prompt.text, prompt.version)),
            *condensed.history,
            ChatMessage("user", f"{listed}\n\n<question>\n{escape(question, quote=False)}\n</question>"),
        ),
        question=question,
        passages=passages,
        tier=tier,
        temperature=prompt.temperature,
        max_output_tokens=prompt.max_output_tokens,
    )


def as_passage(passage: Passage) -> str:
    """How a model reads it: escaped, so that nothing in it can end the element that marks it as data."""
    return (
        f'<passage n="{passage.n}" document="{escape(passage.title)}" section="{escape(passage.heading)}">\n'
        f"{escape(passage.text, quote=False)}\n</passage>"
    )


async def until_stopped(items: AsyncIterator[GatewayItem], emit: Emit) -> AsyncIterator[GatewayItem]:
    """The items, until they end or the person stops the answer; also while a provider hangs."""
    stop = asyncio.ensure_future(emit.wait_for_stop())
    upcoming: asyncio.Future[GatewayItem] | None = None
    try:
        while True:
            upcoming = asyncio.ensure_future(anext(items))
            await asyncio.wait({upcoming, stop}, return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                return
            try:
                yield upcoming.result()
            except StopAsyncIteration:
                return
    finally:  # `items` can't be closed before what was asked of it has ended
        waited_for = [future for future in (upcoming, stop) if future]
        for future in waited_for:
            future.cancel()
        await asyncio.gather(*waited_for, return_exceptions=True)
