"""What was said in a conversation that was opened with break-glass: to read, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.safestring import SafeString

from chat.conversations.models import Citation, Message
from chat.conversations.render import Cites, render
from governance.audit.models import AuditedAnswer
from governance.disclosure.models import Reading


@dataclass(frozen=True, slots=True)
class Source:
    """A passage behind a mark, by name: which document, which page, which words."""

    n: int
    title: str
    page: int | None
    quote: str


@dataclass(frozen=True, slots=True)
class Said:
    """A question and its answer. `is_on_record_only`: its conversation was deleted, the audit record kept it."""

    request_id: UUID
    at: datetime
    question: str
    text: str
    status: str
    sources: Sequence[Source]
    is_on_record_only: bool = False

    @property
    def answer(self) -> SafeString:
        """Its marks as plain numbers: their links lead to the owner's own pages."""
        return render(self.text, Cites(self.request_id))


def said_in(reading: Reading) -> list[Said]:
    """Everything that the reading opened, in the order in which it was asked; what was erased since is left out."""
    messages = Message.objects.filter(pk__in=reading.request_ids).prefetch_related("citations__version__document")
    kept = [of_message(message) for message in messages]
    gone = set(reading.request_ids) - {said.request_id for said in kept}
    on_record = AuditedAnswer.objects.filter(request_id__in=gone, erased_at=None)
    return sorted([*kept, *map(of_record, on_record)], key=lambda said: said.at)


def of_message(message: Message) -> Said:
    sources = [of_citation(citation) for citation in message.citations.all()]
    return Said(message.pk, message.created_at, message.question, message.answer, message.status, sources)


def of_citation(citation: Citation) -> Source:
    return Source(citation.n, citation.version.document.title, citation.page, citation.quote)


def of_record(answer: AuditedAnswer) -> Said:
    sources = [
        Source(passage["n"], passage.get("title", ""), passage.get("page"), passage.get("quote", ""))
        for passage in answer.passages
        if passage["n"]
    ]
    question, status = answer.question, answer.status
    return Said(answer.request_id, answer.asked_at, question, answer.answer, status, sources, is_on_record_only=True)
