"""
The way of a question. Every door (websocket, API, command, evaluation) leads through here.

screen → condense → retrieve and route → respond → verify → settle
"""

import asyncio
import logging
from dataclasses import dataclass, field

from askacme.lib.errors import AskAcmeError, ModelUnavailable
from askacme.lib.threads import in_thread
from chat.pipeline.condense import condense
from chat.pipeline.guard import SOCIABLE, guard, has_no_matter, nothing_on_it
from chat.pipeline.respond import respond
from chat.pipeline.retrieve import retrieve
from chat.pipeline.route import UNROUTED, route
from chat.pipeline.screen import screen
from chat.pipeline.settle import settled_at_last
from chat.pipeline.trace import Trace
from chat.pipeline.values import Answer, Asked, Condensed, Draft, Emit, Status, Verdict
from chat.pipeline.verify import verify
from governance.gateway.routing.services import Route

logger = logging.getLogger(__name__)

UNAVAILABLE = "I can't answer right now: the language model did not respond. Your question is kept; please try again."
BROKEN = "Something went wrong on our side. Your question is kept; please try again."


@dataclass(slots=True)
class Way:
    """How far an answer has come; what goes on record of it even when it comes no further."""

    condensed: Condensed
    trace: Trace = field(default_factory=Trace)
    course: Route = UNROUTED
    draft: Draft = field(default_factory=Draft)


async def answer(asked: Asked, emit: Emit) -> Answer | None:
    """
    One question, answered and settled; always ends in exactly one status.

    None only when the conversation was deleted before the answer was there.
    """
    way = Way(Condensed(asked.question))
    try:
        verdict = await found_out(asked, emit, way)
    except ModelUnavailable as error:
        logger.warning("Request %s: %s", asked.request_id, error)
        verdict = Verdict(with_what_was_told(emit, UNAVAILABLE), Status.ERROR)
    except AskAcmeError as error:
        logger.warning("Request %s: %s", asked.request_id, error)
        verdict = Verdict(with_what_was_told(emit, str(error)), Status.ERROR)
    except Exception:
        logger.exception("Request %s failed", asked.request_id)
        verdict = Verdict(with_what_was_told(emit, BROKEN), Status.ERROR)
    return await in_thread(settled_at_last, asked, way.condensed, way.course, way.draft, verdict, way.trace)


async def found_out(asked: Asked, emit: Emit, way: Way) -> Verdict:
    """The stages, one after the other."""
    trace = way.trace
    with trace.stage("screen") as span:
        question = screen(asked.question)
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
        found, way.course = await asyncio.gather(retrieve(question, asked.audience), route(question, asked))
    if has_no_matter(screened, found, way.course):
        return nothing_on_it(screened)
    await emit.status("writing")
    with trace.stage("respond"):
        worked = await respond(way.condensed, found, asked, way.course, emit, trace)
        way.draft = worked.draft
    with trace.stage("verify"):
        return await verify(worked)


def with_what_was_told(emit: Emit, reason: str) -> str:
    """What people have read already stays, above the reason why there is no more."""
    return "\n\n".join(filter(None, [emit.text_so_far.strip(), reason]))
