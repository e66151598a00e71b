"""
The way of a question. Every door (websocket, API, command, evaluation) leads through here.

screen → retrieve and route → respond → verify → settle
"""

import asyncio
import logging

from askacme.lib.errors import AskAcmeError, ModelUnavailable
from askacme.lib.threads import in_thread
from chat.pipeline.respond import respond
from chat.pipeline.retrieve import retrieve
from chat.pipeline.route import UNROUTED, route
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
    trace, draft, course = Trace(), Draft(), UNROUTED
    try:
        with trace.stage("screen"):
            question = screen(asked.question)
        await emit.status("searching")
        with trace.stage("retrieve and route"):  # neither needs the other
            found, course = await asyncio.gather(retrieve(question, asked.audience), route(question, asked))
        await emit.status("writing")
        with trace.stage("respond"):
            worked = await respond(question, found, asked, course, emit, trace)
            draft = worked.draft
        with trace.stage("verify"):
            verdict = verify(draft, worked.found, has_looked_up=bool(worked.tool_uses))
    except ModelUnavailable as error:
        logger.warning("Request %s: %s", asked.request_id, error)
        verdict = Verdict(UNAVAILABLE, Status.ERROR)
    except AskAcmeError as error:
        logger.warning("Request %s: %s", asked.request_id, error)
        verdict = Verdict(str(error), Status.ERROR)
    except Exception:
        logger.exception("Request %s failed", asked.request_id)
        verdict = Verdict(BROKEN, Status.ERROR)
    return await in_thread(settle, asked, course, draft, verdict, trace)
