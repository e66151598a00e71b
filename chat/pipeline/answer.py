"""
The way of a question. Every door (websocket, API, command, evaluation) leads through here.

screen → retrieve → generate → verify → settle
"""

import logging

from askacme.lib.errors import AskAcmeError
from askacme.lib.threads import in_thread
from chat.pipeline.generate import generate
from chat.pipeline.retrieve import retrieve
from chat.pipeline.screen import screen
from chat.pipeline.settle import settle
from chat.pipeline.trace import Trace
from chat.pipeline.values import Answer, Asked, Draft, Emit, Status, Verdict
from chat.pipeline.verify import verify

logger = logging.getLogger(__name__)

UNAVAILABLE = "I can't answer right now: the language model did not respond. Your question is kept; please try again."
BROKEN = "Something went wrong on our side. Your question is kept; please try again."


async def answer(asked: Asked, emit: Emit) -> Answer | None:
    """
    One question, answered and settled; always ends in exactly one status.

    None only when the conversation was deleted before the answer was there.
    """
    trace, draft = Trace(), Draft()
    try:
        with trace.stage("screen"):
            question = screen(asked.question)
        await emit.status("searching")
        with trace.stage("retrieve"):
            found = await retrieve(question, asked.audience)
        await emit.status("writing")
        with trace.stage("generate"):
            draft = await generate(question, found, asked, emit, trace)
        with trace.stage("verify"):
            verdict = verify(draft, found)
    except AskAcmeError as error:
        logger.warning("Request %s: %s", asked.request_id, error)
        verdict = Verdict(UNAVAILABLE, Status.ERROR)
    except Exception:
        logger.exception("Request %s failed", asked.request_id)
        verdict = Verdict(BROKEN, Status.ERROR)
    return await in_thread(settle, asked, draft, verdict, trace)
