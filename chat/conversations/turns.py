"""A question and its answer, as people see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Prefetch, Subquery
from django.utils.safestring import SafeString

from chat.conversations.live import Step
from chat.conversations.models import Citation, Message, MessageQuerySet
from chat.conversations.render import Cites, render
from chat.feedback.thumbs import Thumbs
from chat.tools.models import ToolUse
from governance.access.audience import Audience
from governance.access.models import User
from governance.feedback.models import Feedback
from knowledge.documents.models import DocumentVersion

PROVEN = {Message.Status.SUCCESS, Message.Status.CACHE_HIT, Message.Status.FALLBACK}


@dataclass(frozen=True, slots=True)
class Turn:
    """
    One message with what the templates need. Made by `turns_of`, whose prefetching it relies on.

    `seq` is the last event that it tells of, `step` the answer so far while it runs, `failure` why it is shown as
    failed although the row does not say so.
    """

    message: Message
    seq: int = 0
    step: Step | None = None
    failure: str = ""

    @property
    def state(self) -> str:
        return Message.State.FAILED if self.failure else self.message.state

    @property
    def status(self) -> str:
        return Message.Status.ERROR if self.failure else self.message.status

    @property
    def reason(self) -> str:
        """Why it failed, in words."""
        return self.failure or self.message.answer

    @property
    def sources(self) -> list[Citation]:
        """What proves the answer; a refusal has none."""
        return list(self.message.citations.all()) if self.status in PROVEN else []

    @property
    def proposals(self) -> list[ToolUse]:
        """What waits for the person's click, or waited."""
        return [use for use in reversed(self.message.tool_uses.all()) if use.changes_something]

    @property
    def look_ups(self) -> list[ToolUse]:
        """What was asked of other systems for this answer, and answered."""
        uses = reversed(self.message.tool_uses.all())
        return [use for use in uses if not use.changes_something and use.state == ToolUse.State.DONE]

    @property
    def thumbs(self) -> Thumbs:
        pressed = (getattr(self.message, name, None) or "" for name in ("thumb", "thumb_reason"))
        return Thumbs(self.message.request_id, *pressed)

    @property
    def body(self) -> SafeString:
        numbers = frozenset(citation.n for citation in self.sources)
        return render(self.message.answer, Cites(self.message.request_id, numbers))

    @property
    def is_quoted(self) -> bool:
        return self.message.provider == "reader" and bool(self.sources)


def turns_of(messages: MessageQuerySet, user: User) -> list[Turn]:
    """
    Messages with those of their sources that the person may (still) see, in three queries and one for the groups.

    Raises nothing for somebody else's messages: there are none.
    """
    seen = DocumentVersion.objects.visible_to(Audience.of(user))
    citations = (
        Citation.objects.filter(version__in=seen)
        .select_related("version__document")
        .defer("version__text", "version__blocks", "quote")
    )
    pressed = Feedback.objects.filter(request_id=OuterRef("pk"), user=user)
    mine = messages.visible_to(user).annotate(
        thumb=Subquery(pressed.values("rating")), thumb_reason=Subquery(pressed.values("reason"))
    )
    found: Iterable[Message] = mine.prefetch_related(Prefetch("citations", citations), "tool_uses")
    return [Turn(message) for message in found]


def turn_of(request_id: UUID, user: User) -> Turn | None:
    return next(iter(turns_of(Message.objects.filter(pk=request_id), user)), None)


def latest_turn(conversation_id: UUID, user: User) -> Turn | None:
    newest = Message.objects.filter(conversation=conversation_id).order_by("-created_at")[:1]
    return next(iter(turns_of(Message.objects.filter(pk__in=newest.values("pk")), user)), None)
