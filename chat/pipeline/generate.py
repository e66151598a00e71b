"""Stage: the model's words, streamed on while they come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from html import escape

from askacme.lib.errors import BudgetExceeded, ModelUnavailable
from chat.pipeline.cite import CitationNumbers
from chat.pipeline.fallback import fall_back
from chat.pipeline.trace import Trace
from chat.pipeline.values import Asked, Draft, Emit, Found
from governance.gateway.complete import GatewayItem, InLine, Served, stream
from governance.gateway.routing.services import Route
from governance.gateway.types import Caller, ChatMessage, CompletionRequest, Passage, Tier
from governance.prompts.released import Prompt, answer_prompt

NO_ANSWER = "NO_ANSWER"


async def generate(question: str, found: Found, asked: Asked, course: Route, emit: Emit, trace: Trace) -> Draft:
    """
    Ask the model, and pass its words on. An empty text means: the passages don't answer.

    When no model can be asked, or the budget is used up, the reader quotes instead. Raises ModelUnavailable when not
    even that can be.
    """
    prompt = answer_prompt()
    if not found.passages:
        return Draft(prompt_version=prompt.version)
    request = request_for(question, found.passages, prompt, tier=course.tier)
    caller = caller_of(asked, prompt)
    telling = Telling(len(found.passages), emit, trace)
    failure, served = None, None
    try:
        async with aclosing(stream(request, caller=caller)) as items:
            async for item in until_stopped(items, emit):
                if isinstance(item, Served):
                    served = item
                elif isinstance(item, InLine):
                    await emit.queued(item.place)
                else:
                    await telling.feed(item.text)
    except (ModelUnavailable, BudgetExceeded) as error:
        failure = error
    await telling.flush()
    draft = Draft(
        telling.text.strip(), tuple(telling.numbers.cited), served, served is None, prompt.version, telling.ttft_ms
    )
    if failure is None:
        return draft
    return await fall_back(failure, request, found, caller=caller, emit=emit, draft=draft)


def caller_of(asked: Asked, prompt: Prompt) -> Caller:
    return Caller(
        request_id=str(asked.request_id),
        user_id=asked.user_id,
        group_ids=asked.audience.group_ids,
        prompt_version=prompt.version,
    )


class Telling:
    """The model's text on its way out: the agreed word for "no answer" held back, citations numbered as they come."""

    def __init__(self, passages: int, emit: Emit, trace: Trace) -> None:
        self.numbers = CitationNumbers(passages)
        self.text = ""
        self.ttft_ms: int | None = None
        self._words = RefusalFilter()
        self._emit = emit
        self._trace = trace

    async def feed(self, piece: str) -> None:
        await self._tell(self.numbers.feed(self._words.feed(piece)))

    async def flush(self) -> None:
        await self._tell(self.numbers.feed(self._words.flush()) + self.numbers.flush())

    async def _tell(self, text: str) -> None:
        if text:
            self.ttft_ms = self.ttft_ms or self._trace.elapsed_ms()
            self.text += text
            await self._emit.text(text)


def request_for(
    question: str, passages: tuple[Passage, ...], prompt: Prompt, *, tier: Tier = "fast"
) -> CompletionRequest:
    """The prompt's fixed part first, so that providers can cache it; then the passages; the question last."""
    listed = "\n\n".join(map(as_passage, passages))
    return CompletionRequest(
        messages=(
            ChatMessage("system", prompt.text),
            ChatMessage("user", f"{listed}\n\n<question>\n{escape(question, quote=False)}\n</question>"),
        ),
        question=question,
        passages=passages,
        tier=tier,
    )


def as_passage(passage: Passage) -> str:
    """How a model reads it: escaped, so that nothing in it can end the element that marks it as data."""
    return (
        f'<passage n="{passage.n}" document="{escape(passage.title)}" section="{escape(passage.heading)}">\n'
        f"{escape(passage.text, quote=False)}\n</passage>"
    )


class RefusalFilter:
    """Holds the stream's first words back while they may still become the agreed word for "no answer"."""

    def __init__(self) -> None:
        self._held = ""
        self._decided = False

    def feed(self, piece: str) -> str:
        if self._decided:
            return "" if self.refused else piece
        self._held += piece
        start = self._held.lstrip()
        if len(start) < len(NO_ANSWER) and NO_ANSWER.startswith(start):
            return ""
        self._decided = True
        return "" if self.refused else self._held

    def flush(self) -> str:
        """What was held back and turned out to be words."""
        return "" if self._decided else self._held

    @property
    def refused(self) -> bool:
        return self._held.lstrip().startswith(NO_ANSWER)


async def until_stopped(items: AsyncIterator[GatewayItem], emit: Emit) -> AsyncIterator[GatewayItem]:
    """The items, until they end or the person stops the answer; also while a provider hangs."""
    stop = asyncio.ensure_future(emit.wait_for_stop())
    try:
        while True:
            upcoming = asyncio.ensure_future(anext(items))
            await asyncio.wait({upcoming, stop}, return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                upcoming.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await upcoming
                return
            try:
                yield upcoming.result()
            except StopAsyncIteration:
                return
    finally:
        stop.cancel()
