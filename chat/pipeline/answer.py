"""
The way of a question. Every door (websocket, API, command, evaluation) leads through here.

screen → condense → retrieve and route → respond → verify → settle
"""

import asyncio
import logging

from askacme.lib.errors import AskAcmeError, ModelUnavailable
from askacme.lib.threads import in_thread
from chat.pipeline.condense import condense
from chat.pipeline.guard import SOCIABLE, guard, has_no_matter, nothing_on_it
from chat.pipeline.respond import respond
from chat.pipeline.retrieve import retrieve
from chat.pipeline.route import UNROUTED, route
from chat.pipeline.screen import cleaned
from chat.pipeline.settle import settled_at_last
from chat.pipeline.values import Answer, Asked, Condensed, Emit, Found, Status, Verdict
from chat.pipeline.verify import verify
from chat.pipeline.way import Way

logger = logging.getLogger(__name__)

UNAVAILABLE = "I can't answer right now: the language model did not respond. Your question is kept; please try again."
BROKEN = "Something went wrong on our side. Your question is kept; please try again."


async def answer(asked: Asked, emit: Emit) -> Answer | None:
    """
    One question, answered and settled; always ends in exactly one status.

    None only when the conversation was deleted before the answer was there.
    """
    way = Way(Condensed(asked.question))
    verdict = await concluded(asked, emit, way)
    return await in_thread(settled_at_last, asked, way, verdict)


async def concluded(asked: Asked, emit: Emit, way: Way) -> Verdict:
    """All but the last stage: what a rehearsal goes through, of which nothing is kept. Never fails."""
    try:
        return await found_out(asked, emit, way)
    except ModelUnavailable as error:
        logger.warning("Request %s: %s", asked.request_id, error)
        return Verdict(with_what_was_told(emit, UNAVAILABLE), Status.ERROR)
    except AskAcmeError as error:
        logger.warning("Request %s: %s", asked.request_id, error)
        return Verdict(with_what_was_told(emit, str(error)), Status.ERROR)
    except Exception:
        logger.exception("Request %s failed", asked.request_id)
        return Verdict(with_what_was_told(emit, BROKEN), Status.ERROR)


async def found_out(asked: Asked, emit: Emit, way: Way) -> Verdict:
    """The stages, one after the other."""
    trace = way.trace
    with trace.stage("screen") as span:
        question = cleaned(asked.question)
        screened = await guard(question, asked)
        span.detail = screened.as_json()
    if screened.reply:
        way.course = SOCIABLE if screened.reply.status == Status.SUCCESS else UNROUTED
        return screened.reply
    await emit.status("searching")
    with trace.stage("condense"):
        way.condensed = await condense(question, asked)
        question = way.condensed.question
    with trace.stage("retrieve and route"):  # neither needs the other
        found, way.course = await asyncio.gather(passages_for(question, asked), route(question, asked))
    if has_no_matter(screened, found, way.course):
        return nothing_on_it(screened)
    await emit.status("writing")
    with trace.stage("respond"):
        way.given = found  # also when nobody can word an answer from it
        worked = await respond(way.condensed, found, asked, way.course, emit, trace)
        way.given, way.draft = worked.found, worked.draft
    with trace.stage("verify"):
        return await verify(worked)


async def passages_for(question: str, asked: Asked) -> Found:
    """What a search finds, or what a rehearsal gives in its place."""
    if asked.rehearsal and asked.rehearsal.found:
        return asked.rehearsal.found
    return await retrieve(question, asked.audience)


def with_what_was_told(emit: Emit, reason: str) -> str:
    """What people have read already stays, above the reason why there is no more."""
    return "\n\n".join(filter(None, [emit.text_so_far.strip(), reason]))
