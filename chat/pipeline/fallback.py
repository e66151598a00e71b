"""Stage, when no language model can answer: the best passages, quoted by the reader and marked as such."""

import logging
from contextlib import aclosing

from askacme.lib.errors import AskAcmeError, BudgetExceeded, ModelUnavailable
from chat.pipeline.cite import CitationNumbers
from chat.pipeline.values import Draft, Emit, Found
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
    found: Found,
    *,
    caller: Caller,
    emit: Emit,
    draft: Draft,
) -> Draft:
    """
    Quotes after whatever was shown. The question stays as it was asked: it can be asked again in one click.

    Raises `failure` when not even the reader can quote.
    """
    logger.warning("Request %s falls back: %s", caller.request_id, failure)
    numbers = CitationNumbers(len(found.passages), cited=draft.cited)
    text = introduction(failure, begun=bool(draft.text))
    await emit.text(text)
    served = None
    try:
        async with aclosing(stream(request, caller=caller, among=[ReaderProvider()])) as items:
            async for item in items:
                if isinstance(item, Served):
                    served = item
                elif isinstance(item, TextDelta) and (piece := numbers.feed(item.text)):
                    text += piece
                    await emit.text(piece)
    except ModelUnavailable:
        raise failure from None
    if rest := numbers.flush() + ("" if len(numbers.cited) > len(draft.cited) else nearest(request.passages, numbers)):
        text += rest
        await emit.text(rest)
    return Draft(
        text=draft.text + text,
        cited=tuple(numbers.cited),
        served=served,
        prompt_version=draft.prompt_version,
        ttft_ms=draft.ttft_ms,
        is_fallback=True,
    )


def introduction(failure: AskAcmeError, *, begun: bool) -> str:
    words = BROKE_OFF if begun else NO_MODEL
    if isinstance(failure, BudgetExceeded):
        words = f"{failure} {MEANWHILE}"
    return ("\n\n" if begun else "") + f"*{words}*\n\n"


def nearest(passages: tuple[Passage, ...], numbers: CitationNumbers) -> str:
    """The first passages themselves, where the reader finds no sentence that answers."""
    quotes = [f"> {shortened(passage.text)} [{passage.n}]" for passage in passages[:PASSAGES]]
    return numbers.feed("\n\n".join([NEAREST, *quotes])) + numbers.flush()


def shortened(text: str) -> str:
    """One line, ending at a word."""
    line = " ".join(text.split())
    return line if len(line) <= PASSAGE_CHARS else line[:PASSAGE_CHARS].rsplit(" ", 1)[0] + " …"
