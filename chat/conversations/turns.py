"""A question and its answer, as people see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db.models import OuterRef, Prefetch, Subquery
from django.utils.safestring import SafeString

from chat.conversations.branches import Branches, branches_of
from chat.conversations.live import Step
from chat.conversations.models import Citation, Conversation, Message, MessageQuerySet
from chat.conversations.render import Cites, render
from chat.escalation.models import Escalation
from chat.feedback.thumbs import Thumbs
from chat.guarding.seen import Filtered, filtered, reviews_of
from chat.proof.assurance import Assurance, assurance
from chat.proof.values import Sentence
from chat.tools.models import ToolUse
from governance.access.audience import Audience
from governance.access.models import User
from governance.feedback.models import Feedback
from governance.guardrails.pii import restore
from governance.guardrails.pii.shown import shown
from governance.guardrails.pii.vault import values_for
from governance.guardrails.reviews.models import GuardReview

PROVEN = {Message.Status.SUCCESS, Message.Status.CACHE_HIT, Message.Status.FALLBACK}


@dataclass(frozen=True, slots=True)
class Turn:
    """
    One message with what the templates need. Made by `turns_of`, whose prefetching it relies on.

    `seq` is the last event that it tells of, `step` the answer so far while it runs, `failure` why it is shown as
    failed although the row does not say so. `siblings` are the turns in the same place, this one among them. `review`
    is what the person asked for after a guard filtered it. `values` stand behind the placeholders in all of this, for
    the person who wrote them.
    """

    message: Message
    seq: int = 0
    step: Step | None = None
    failure: str = ""
    siblings: tuple[UUID, ...] = ()
    review: GuardReview | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def branch_number(self) -> int:
        """Which of its siblings it is, from 1."""
        return self.siblings.index(self.message.pk) + 1 if self.siblings else 1

    @property
    def branch_before(self) -> UUID | None:
        return self.siblings[self.branch_number - 2] if self.branch_number > 1 else None

    @property
    def branch_after(self) -> UUID | None:
        return self.siblings[self.branch_number] if self.branch_number < len(self.siblings) else None

    @property
    def state(self) -> str:
        return Message.State.FAILED if self.failure else self.message.state

    @property
    def status(self) -> str:
        return Message.Status.ERROR if self.failure else self.message.status

    @property
    def reason(self) -> str:
        """Why it failed, in words: the last paragraph of what is stored."""
        return self.failure or self.message.answer.rpartition("\n\n")[2]

    @property
    def kept(self) -> SafeString:
        """What there was of an answer that failed."""
        kept = "" if self.failure else self.message.answer.rpartition("\n\n")[0]
        return shown(render(kept, Cites(self.message.request_id, frozenset())), self.values)

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
    def escalations(self) -> list[Escalation]:
        """What was handed over to a colleague and not taken back."""
        return [escalation for escalation in self.message.escalations.all() if not escalation.is_withdrawn]

    @property
    def may_escalate(self) -> bool:
        """Whether a person can be asked: nobody is at it, nobody has answered."""
        return all(escalation.closed_as for escalation in self.escalations)

    @property
    def thumbs(self) -> Thumbs:
        pressed = (getattr(self.message, name, None) or "" for name in ("thumb", "thumb_reason", "thumb_comment"))
        rating, reason, comment = pressed
        return Thumbs(self.message.request_id, rating, reason, restore(comment, self.values))

    @property
    def filtered(self) -> Filtered | None:
        """What the guards found, where people are told of it."""
        return filtered(self.message, self.review)

    @property
    def body(self) -> SafeString:
        numbers = frozenset(citation.n for citation in self.sources)
        proofs = {sentence.index: sentence for sentence in self.proof} if self.status in PROVEN else None
        return shown(render(self.message.answer, Cites(self.message.request_id, numbers, proofs)), self.values)

    @property
    def proof(self) -> list[Sentence]:
        return [Sentence.from_json(stored) for stored in self.message.proof]

    @property
    def assurance(self) -> Assurance | None:
        """How sure the answer is, in words; nothing of a refusal."""
        if self.status not in PROVEN:
            return None
        titles = list(dict.fromkeys(citation.version.document.title for citation in self.sources))
        return assurance(self.message.answer, self.proof, confidence=self.message.confidence, titles=titles)

    @property
    def is_generated(self) -> bool:
        """Whether it is an answer at all, and no fixed sentence about why there is none."""
        return self.status in PROVEN

    @property
    def is_quoted(self) -> bool:
        return self.message.provider == "reader" and bool(self.sources)


def turns_of(messages: MessageQuerySet, user: User) -> list[Turn]:
    """
    Messages with those of their sources that the person may (still) see, in four queries, one for the groups, and
    one where a guard found something.

    Raises nothing for somebody else's messages: there are none.
    """
    citations = Citation.objects.open_to(Audience.of(user)).defer("quote")
    pressed = Feedback.objects.filter(request_id=OuterRef("pk"), user=user)
    mine = messages.visible_to(user).annotate(
        thumb=Subquery(pressed.values("rating")),
        thumb_reason=Subquery(pressed.values("reason")),
        thumb_comment=Subquery(pressed.values("comment")),
    )
    found: Iterable[Message] = mine.prefetch_related(
        Prefetch("citations", citations), "tool_uses", Prefetch("escalations", Escalation.objects.with_people())
    )
    reviews = reviews_of(user, found)
    return [Turn(message, review=reviews.get(message.pk), values=values_in(message)) for message in found]


def values_in(message: Message) -> Mapping[str, str]:
    """What stands behind the placeholders of a turn, the tools' and the colleagues' words among it; often nothing."""
    said = [part for each in message.escalations.all() for part in (each.note, each.reply, each.reason)]
    used = [str(part) for use in message.tool_uses.all() for part in (use.shown, use.result, use.outcome, use.error)]
    values = values_for(str(message.conversation_id), message.question, message.answer, *said, *used)
    for use in message.tool_uses.all():
        use.values = values
    return {**values, **values_for(str(message.pk), getattr(message, "thumb_comment", None) or "")}


def turn_of(request_id: UUID, user: User) -> Turn | None:
    turn = next(iter(turns_of(Message.objects.filter(pk=request_id), user)), None)
    return turn and with_siblings(turn, branches_of(turn.message.conversation_id))


def with_siblings(turn: Turn, branches: Branches) -> Turn:
    return replace(turn, siblings=branches.beside(turn.message.pk))


def thread_of(conversation_id: UUID, user: User, *, through: UUID | None = None) -> list[Turn]:
    """
    The turns of the branch that is shown, in their order; none of somebody else's conversation.

    With `through`, a turn of the conversation, of the branch that it stands on.
    """
    branches = branches_of(conversation_id)
    if through:
        head: UUID | None = branches.leaf_under(through)
    else:
        head = Conversation.objects.filter(pk=conversation_id).values_list("head_id", flat=True).first()
    path = branches.path_to(head)
    turns = {turn.message.pk: turn for turn in turns_of(Message.objects.filter(pk__in=path), user)}
    return [with_siblings(turns[pk], branches) for pk in path if pk in turns]


def latest_turn(conversation_id: UUID, user: User) -> Turn | None:
    head = Conversation.objects.filter(pk=conversation_id).values_list("head_id", flat=True).first()
    return turn_of(head, user) if head else None
