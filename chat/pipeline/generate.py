"""Stage: the model's words, streamed on while they come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from html import escape

from chat.pipeline.cite import CitationNumbers
from chat.pipeline.trace import Trace
from chat.pipeline.values import Asked, Draft, Emit, Found
from governance.gateway.complete import Served, stream
from governance.gateway.types import Caller, ChatMessage, CompletionRequest, Passage, TextDelta
from governance.prompts.released import Prompt, answer_prompt

NO_ANSWER = "NO_ANSWER"


async def generate(question: str, found: Found, asked: Asked, emit: Emit, trace: Trace) -> Draft:
    """
    Ask the model, and pass its words on. An empty text means: the passages don't answer.

    Raises ModelUnavailable when no provider could answer.
    """
    prompt = answer_prompt()
    if not found.passages:
        return Draft(prompt_version=prompt.version)
    numbers, words = CitationNumbers(len(found.passages)), RefusalFilter()
    text, served, ttft_ms = "", None, None
    caller = Caller(request_id=str(asked.request_id), user_id=asked.user_id, prompt_version=prompt.version)
    async with aclosing(stream(request_for(question, found.passages, prompt), caller=caller)) as items:
        async for item in until_stopped(items, emit):
            if isinstance(item, Served):
                served = item
            elif piece := numbers.feed(words.feed(item.text)):
                ttft_ms = ttft_ms or trace.elapsed_ms()
                text += piece
                await emit.text(piece)
    if rest := numbers.feed(words.flush()) + numbers.flush():
        text += rest
        await emit.text(rest)
    return Draft(text.strip(), tuple(numbers.cited), served, served is None, prompt.version, ttft_ms)


def request_for(question: str, passages: tuple[Passage, ...], prompt: Prompt) -> CompletionRequest:
    """The prompt's fixed part first, so that providers can cache it; then the passages; the question last."""
    listed = "\n\n".join(
        f'<passage n="{p.n}" document="{escape(p.title)}" section="{escape(p.heading)}">\n'
        f"{escape(p.text, quote=False)}\n</passage>"
        for p in passages
    )
    return CompletionRequest(
        messages=(
            ChatMessage("system", prompt.text),
            ChatMessage("user", f"{listed}\n\n<question>\n{escape(question, quote=False)}\n</question>"),
        ),
        question=question,
        passages=passages,
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


async def until_stopped(items: AsyncIterator[TextDelta | Served], emit: Emit) -> AsyncIterator[TextDelta | Served]:
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
