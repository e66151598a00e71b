"""Stage: the answer on record, whole or not at all."""

import time
from contextlib import suppress
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone

from chat.conversations.models import Citation, Message
from chat.followups.again import asks_again
from chat.followups.tasks import sum_up_soon
from chat.pipeline.trace import Trace
from chat.pipeline.values import Answer, Asked, Cited, Condensed, Draft, Status, Verdict
from governance.gateway.routing.services import Route
from governance.gateway.spent import spent_on
from knowledge.documents.models import DocumentVersion

TRIES, PAUSE_S = 3, 0.3


def settled_at_last(*arguments: Any) -> Answer | None:
    """`settle`, once more when the database could not: a finished answer is not to be lost to a deadlock."""
    for pause_s in (PAUSE_S * n for n in range(1, TRIES)):
        with suppress(OperationalError):
            return settle(*arguments)
        time.sleep(pause_s)
    return settle(*arguments)


def settle(
    asked: Asked, condensed: Condensed, course: Route, draft: Draft, verdict: Verdict, trace: Trace
) -> Answer | None:
    """
    Store the message and its citations in one transaction.

    None when the conversation was deleted meanwhile, or another process took the run over. A citation whose document
    was withdrawn meanwhile is left out.
    """
    latency_ms = trace.elapsed_ms()
    served = draft.served
    spent = spent_on(asked.request_id)
    is_again = not asked.is_first and asks_again(asked.request_id)
    with transaction.atomic():
        mine = Message.objects.running().filter(pk=asked.request_id, attempts=asked.attempt)
        message = mine.select_for_update().first()
        if message is None:
            return None
        message.answer = verdict.text
        message.status = verdict.status
        message.state = Message.State.FAILED if verdict.status == Status.ERROR else Message.State.DONE
        message.stopped = draft.stopped
        message.confidence = verdict.confidence
        message.proof = [sentence.as_json() for sentence in verdict.proof]
        message.standalone = "" if condensed.question == message.question else condensed.question
        message.is_reask = is_again
        message.kind, message.department, message.route = course.kind, course.department, course.reason[:100]
        message.provider = served.provider if served else ""
        message.model = served.model if served else ""
        message.prompt_version = draft.prompt_version
        message.input_tokens, message.output_tokens = spent.input_tokens, spent.output_tokens
        message.cost_usd = spent.cost_usd
        message.latency_ms = latency_ms
        message.ttft_ms = draft.ttft_ms
        message.stages = trace.as_json()
        message.finished_at = timezone.now()
        message.save()
        Citation.objects.bulk_create(citations_of(message, verdict))
        if condensed.is_outgrown:
            sum_up_soon(message.pk)
    return Answer(message, draft, verdict, latency_ms, spent.cost_usd)


def citations_of(message: Message, verdict: Verdict) -> list[Citation]:
    wanted = [cited.hit.version_id for cited in verdict.citations.values()]
    # in one order, so that two answers that cite the same documents never wait for each other
    locked = DocumentVersion.objects.order_by("pk").select_for_update(no_key=True)
    versions = locked.only("blocks").in_bulk(wanted)
    return [
        citation_of(message, n, cited, versions[cited.hit.version_id])
        for n, cited in verdict.citations.items()
        if cited.hit.version_id in versions
    ]


def citation_of(message: Message, n: int, cited: Cited, version: DocumentVersion) -> Citation:
    """A passage that a person corrected is proved by where its original stands, as a whole."""
    hit = cited.hit
    start, end = hit.start + cited.start, hit.start + cited.end
    if hit.is_corrected:
        start, end = hit.start, hit.end
    return Citation(
        message=message,
        n=n,
        version=version,
        heading=hit.heading,
        page=version.page_at(start) or hit.page,
        start=start,
        end=end,
        quote=hit.text[cited.start : cited.end],
        warning=hit.warning[:500],
    )
