"""
The way of a question. Every door (websocket, API, command, evaluation) leads through here.

screen → condense → retrieve and route → respond → verify → settle
"""

import asyncio
import logging

from askacme.lib.errors import AskAcmeError, ModelUnavailable
from askacme.lib.threads import in_thread
from chat.pipeline.condense import condense
from chat.pipeline.respond import respond
from chat.pipeline.retrieve import retrieve
from chat.pipeline.route import UNROUTED, route
from chat.pipeline.screen import screen
from chat.pipeline.settle import settled_at_last
from chat.pipeline.trace import Trace
from chat.pipeline.values import Answer, Asked, Condensed, Draft, Emit, Status, Verdict
from chat.pipeline.verify import verify

logger = logging.getLogger(__name__)

UNAVAILABLE = "I can't answer right now: the language model did not respond. Your question is kept; please try again."
BROKEN = "Something went wrong on our side. Your question is kept; please try again."


async def answer(asked: Asked, emit: Emit) -> Answer | None:
    """
    One question, answered and settled; always ends in exactly one status.

    None only when the conversation was deleted before the answer was there.
    """
    trace, condensed, draft, course = Trace(), Condensed(asked.question), Draft(), UNROUTED
    try:
        with trace.stage("screen"):
            question = screen(asked.question)
        await emit.status("searching")
        with trace.stage("condense"):
            condensed = await condense(question, asked)
            question = condensed.question
        with trace.stage("retrieve and route"):  # neither needs the other
            found, course = await asyncio.gather(retrieve(question, asked.audience), route(question, asked))
        await emit.status("writing")
        with trace.stage("respond"):
            worked = await respond(condensed, found, asked, course, emit, trace)
            draft = worked.draft
        with trace.stage("verify"):
            verdict = await verify(worked)
    except ModelUnavailable as error:
        logger.warning("Request %s: %s", asked.request_id, error)
        verdict = Verdict(with_what_was_told(emit, UNAVAILABLE), Status.ERROR)
    except AskAcmeError as error:
        logger.warning("Request %s: %s", asked.request_id, error)
        verdict = Verdict(with_what_was_told(emit, str(error)), Status.ERROR)
    except Exception:
        logger.exception("Request %s failed", asked.request_id)
        verdict = Verdict(with_what_was_told(emit, BROKEN), Status.ERROR)
    return await in_thread(settled_at_last, asked, condensed, course, draft, verdict, trace)


def with_what_was_told(emit: Emit, reason: str) -> str:
    """What people have read already stays, above the reason why there is no more."""
    return "\n\n".join(filter(None, [emit.text_so_far.strip(), reason]))
