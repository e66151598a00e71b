"""Stage, when no language model can answer: the best passages, quoted by the reader and marked as such."""

import logging
from contextlib import aclosing

from askacme.lib.errors import AskAcmeError, BudgetExceeded, ModelUnavailable
from chat.pipeline.telling import Telling
from chat.pipeline.values import Draft
from governance.gateway.complete import Served, stream
from governance.gateway.providers.reader import ReaderProvider
from governance.gateway.types import Caller, CompletionRequest, Passage, TextDelta

logger = logging.getLogger(__name__)

NO_MODEL = "The language model can't be reached right now. This is what your documents say, word for word:"
BROKE_OFF = "The answer broke off here, and no other model can be reached. Your documents say, word for word:"
MEANWHILE = "Until then I quote your documents, word for word:"
NEAREST = "These passages come nearest to your question:"

PASSAGES, PASSAGE_CHARS = 2, 400


async def fall_back(
    failure: AskAcmeError,
    request: CompletionRequest,
    *,
    caller: Caller,
    telling: Telling,
    draft: Draft,
) -> Draft:
    """
    Quotes after whatever was shown. The question stays as it was asked: it can be asked again in one click.

    Raises `failure` when not even the reader can quote.
    """
    logger.warning("Request %s falls back: %s", caller.request_id, failure)
    telling.lean_on(request.passages)
    cited_before = len(telling.numbers.cited)
    await telling.add(introduction(failure, begun=bool(telling.text)))
    served = None
    try:
        async with aclosing(stream(request, caller=caller, among=[ReaderProvider()])) as items:
            async for item in items:
                if isinstance(item, Served):
                    served = item
                elif isinstance(item, TextDelta):
                    await telling.quote(item.text)
    except ModelUnavailable:
        raise failure from None
    if len(telling.numbers.cited) == cited_before:
        await telling.quote(nearest(request.passages))
    await telling.flush()
    return Draft(
        text=telling.text.rstrip(),
        cited=tuple(telling.numbers.cited),
        served=served,
        prompt_version=draft.prompt_version,
        ttft_ms=telling.ttft_ms,
        is_fallback=True,
    )


def introduction(failure: AskAcmeError, *, begun: bool) -> str:
    words = BROKE_OFF if begun else NO_MODEL
    if isinstance(failure, BudgetExceeded):
        words = f"{failure} {MEANWHILE}"
    return ("\n\n" if begun else "") + f"*{words}*\n\n"


def nearest(passages: tuple[Passage, ...]) -> str:
    """The first passages themselves, where the reader finds no sentence that answers."""
    quotes = [f"> {shortened(passage.text)} [{passage.n}]" for passage in passages[:PASSAGES]]
    return "\n\n".join([NEAREST, *quotes])


def shortened(text: str) -> str:
    """One line, ending at a word."""
    line = " ".join(text.split())
    return line if len(line) <= PASSAGE_CHARS else line[:PASSAGE_CHARS].rsplit(" ", 1)[0] + " …"
