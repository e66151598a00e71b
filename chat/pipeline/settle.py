"""Stage: the answer on record, whole or not at all."""

from django.db import transaction
from django.utils import timezone

from chat.conversations.models import Citation, Message
from chat.pipeline.trace import Trace
from chat.pipeline.values import Answer, Asked, Cited, Draft, Status, Verdict
from governance.gateway.routing.services import Route
from governance.gateway.spent import spent_on
from knowledge.documents.models import DocumentVersion


def settle(asked: Asked, course: Route, draft: Draft, verdict: Verdict, trace: Trace) -> Answer | None:
    """
    Store the message and its citations in one transaction.

    None when the conversation was deleted meanwhile. A citation whose document was withdrawn meanwhile is left out.
    """
    latency_ms = trace.elapsed_ms()
    served = draft.served
    spent = spent_on(asked.request_id)
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(pk=asked.request_id, state=Message.State.RUNNING).first()
        if message is None:
            return None
        message.answer = verdict.text
        message.status = verdict.status
        message.state = Message.State.FAILED if verdict.status == Status.ERROR else Message.State.DONE
        message.stopped = draft.stopped
        message.confidence = verdict.confidence
        message.kind, message.department, message.route = course.kind, course.department, course.reason[:100]
        message.provider = served.provider if served else ""
        message.model = served.model if served else ""
        message.prompt_version = draft.prompt_version
        message.input_tokens, message.output_tokens = spent.input_tokens, spent.output_tokens
        message.cost_usd = spent.cost_usd
        message.latency_ms = latency_ms
        message.ttft_ms = draft.ttft_ms
        message.stages = trace.stages
        message.finished_at = timezone.now()
        message.save()
        Citation.objects.bulk_create(citations_of(message, verdict))
    return Answer(message, draft, verdict, latency_ms, spent.cost_usd)


def citations_of(message: Message, verdict: Verdict) -> list[Citation]:
    wanted = [cited.hit.version_id for cited in verdict.citations.values()]
    versions = DocumentVersion.objects.select_for_update().only("blocks").in_bulk(wanted)
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
