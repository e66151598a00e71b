"""Stage: the answer on record, whole or not at all."""

import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone

from chat.conversations.models import Citation, Message
from chat.followups.again import asks_again
from chat.followups.tasks import sum_up_soon
from chat.pipeline.audited import audited, passages_of
from chat.pipeline.values import Answer, Asked, Cited, Status, Verdict
from chat.pipeline.way import Way
from governance.access.models import User
from governance.audit.answers import record_answer, without_words
from governance.gateway.spent import Spent, spent_on
from governance.prompts.releases.answers import count_answer
from governance.prompts.releases.models import CanaryAnswer
from knowledge.documents.models import DocumentVersion

TRIES, PAUSE_S = 3, 0.3


def settled_at_last(asked: Asked, way: Way, verdict: Verdict) -> Answer | None:
    """`settle`, once more when the database could not: a finished answer is not to be lost to a deadlock."""
    for pause_s in (PAUSE_S * n for n in range(1, TRIES)):
        with suppress(OperationalError):
            return settle(asked, way, verdict)
        time.sleep(pause_s)
    return settle(asked, way, verdict)


def settle(asked: Asked, way: Way, verdict: Verdict) -> Answer | None:
    """
    Store the message, its citations and what the audit record keeps of it in one transaction.

    None when the conversation was deleted meanwhile (what was asked and spent is on record nevertheless), or another
    process took the run over. A citation whose document was withdrawn meanwhile is left out.
    """
    fields = outcome(asked, way, verdict) | figures(spent_on(asked.request_id), way)
    passages = passages_of(way.given, verdict.citations)
    with transaction.atomic():
        mine = Message.objects.running().filter(pk=asked.request_id, attempts=asked.attempt)
        message = mine.select_for_update().first()
        if message is None:
            keep_of_deleted(asked, fields, passages)
            return None
        for name, value in fields.items():
            setattr(message, name, value)
        record_answer(audited(message, user_id=asked.user_id, policy=asked.policy, passages=passages))
        message.save()
        count_for_release(asked, message)
        Citation.objects.bulk_create(citations_of(message, verdict))
        if way.condensed.is_outgrown:
            sum_up_soon(message.pk)
    return Answer(message, way.draft, verdict, fields["latency_ms"], fields["cost_usd"])


def count_for_release(asked: Asked, message: Message) -> None:
    """A canary is compared with the rest by how its people's answers went."""
    answer = CanaryAnswer(
        request_id=message.request_id,
        user_id=asked.user_id,
        status=message.status,
        is_reask=message.is_reask,
        confidence=message.confidence,
        cost_usd=message.cost_usd,
        latency_ms=message.latency_ms,
    )
    count_answer(asked.recipe, answer)


def keep_of_deleted(asked: Asked, fields: dict[str, Any], passages: list[dict[str, Any]]) -> None:
    """What was asked and spent is on record, also when the conversation is gone; without words, if the person is."""
    if Message.objects.filter(pk=asked.request_id).exists():
        return  # another process has the run, or had it
    asked_at = fields["finished_at"] - timedelta(milliseconds=fields["latency_ms"])
    gone = Message(
        request_id=asked.request_id, question=asked.question, attempts=asked.attempt, created_at=asked_at, **fields
    )
    answer = audited(gone, user_id=asked.user_id, policy=asked.policy, passages=passages)
    person = User.objects.filter(pk=asked.user_id).select_for_update(
        no_key=True
    )  # whoever erases them now is waited for
    record_answer(answer if person.first() else without_words(answer))


def outcome(asked: Asked, way: Way, verdict: Verdict) -> dict[str, Any]:
    """What the answer says and how it came about, as the columns of its message."""
    standalone, course, served = way.condensed.question, way.course, way.draft.served
    return {
        "answer": verdict.text,
        "status": verdict.status,
        "state": Message.State.FAILED if verdict.status == Status.ERROR else Message.State.DONE,
        "stopped": way.draft.stopped,
        "confidence": verdict.confidence,
        "proof": [sentence.as_json() for sentence in verdict.proof],
        "standalone": "" if standalone == asked.question else standalone,
        "is_reask": not asked.is_first and asks_again(asked.request_id),
        "kind": course.kind,
        "department": course.department,
        "route": course.reason[:100],
        "provider": served.provider if served else "",
        "model": served.model if served else "",
        "prompt_version": way.draft.prompt_version,
    }


def figures(spent: Spent, way: Way) -> dict[str, Any]:
    """What it used and how long it took, as the columns of its message."""
    return {
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "cost_usd": spent.cost_usd,
        "latency_ms": way.trace.elapsed_ms(),
        "ttft_ms": way.draft.ttft_ms,
        "stages": way.trace.as_json(),
        "finished_at": timezone.now(),
    }


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
