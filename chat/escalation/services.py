"""
Handing a question over to a colleague, and what becomes of it.

open → claimed → answered, or closed: taken back by the person who asked, or declined with a reason. Each verb locks the
row, so that of two people who do different things at once the second one is told.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from askacme.lib.errors import Conflict, InvalidInput, NotFound, RateLimited
from chat.conversations.branches import branches_of
from chat.conversations.models import Message
from chat.escalation.live import tell_page
from chat.escalation.models import MAX_NOTE_CHARS, MAX_REPLY_CHARS, Escalation, EscalationQuerySet
from chat.escalation.recipients import Recipient
from chat.escalation.tasks import send_soon
from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.audit.services import record
from governance.guardrails.pii import shortened
from governance.guardrails.pii.vault import hide_of

State = Escalation.State

A_DAY = timedelta(days=1)
HANDED_OVER_A_DAY = 20
"""By one person. Colleagues answer each by hand, and each is an e-mail to a whole group: more is a script."""


def escalate(*, user: User, request_id: UUID, to: Recipient, note: str = "") -> Escalation:
    """
    Hand one's own question over, with the turns that led to it. The one that is open already, if there is one.

    What was taken back from the same recipient is opened once more: they are not told twice.
    Personal data in the note is hidden, as in replies.
    Raises NotFound, Conflict (it is still being answered), InvalidInput, RateLimited and GuardUnavailable.
    """
    note = checked(note, "note", MAX_NOTE_CHARS)
    with transaction.atomic():
        message = locked_message(user, request_id)
        before = message.escalations.unfinished().with_people().first()
        if before:
            return before
        refuse_more_than_a_day_s(user)
        withdrawn = message.escalations.filter(closed_as=Escalation.ClosedAs.WITHDRAWN)
        escalation, _is_new = withdrawn.update_or_create(
            message=message,
            person=to.person,
            group=to.group,
            defaults={
                "question": message.question,
                "note": shortened(hide_of(user, note, scope=scope_of(message)), MAX_NOTE_CHARS),
                "asked_of": to.name[:150],
                "state": State.OPEN,
                "claimed_by": None,
                "claimed_at": None,
                "closed_as": "",
                "ended_at": None,
                "created_at": timezone.now(),
            },
        )
        path = branches_of(message.conversation_id).path_to(message.pk)
        escalation.turns.set(Message.objects.filter(pk__in=path))
        record(actor=user, action="escalation.create", target=str(escalation.pk), to=to.name)
        tell(escalation)
    return escalation


def scope_of(message: Message) -> str:
    """What both sides write is hidden within the conversation: the person who asked reads it in clear for a day."""
    return str(message.conversation_id)


def refuse_more_than_a_day_s(user: User) -> None:
    """Counted by the audit record, which outlives a conversation that is deleted."""
    since = timezone.now() - A_DAY
    handed = AuditEvent.objects.filter(actor=user, action="escalation.create", at__gt=since).order_by("-at")
    times = list(handed.values_list("at", flat=True)[:HANDED_OVER_A_DAY])
    if len(times) == HANDED_OVER_A_DAY:
        again = _(
            "You have handed over %(count)s questions within a day, as many as one person may. Try again tomorrow."
        )
        raise RateLimited(again % {"count": len(times)}, retry_after_s=(times[-1] - since).total_seconds())


def claim(*, user: User, escalation_id: UUID, take_over: bool = False) -> Escalation:
    """
    Say that one is on it. `take_over`: also when a colleague said so before.

    Raises NotFound, and Conflict when it is over, or a colleague's.
    """
    with transaction.atomic():
        escalation = received(user, escalation_id)
        if escalation.claimed_by != user or escalation.state != State.CLAIMED:
            refuse_what_is_over(escalation)
            if not take_over:
                refuse_what_is_a_colleague_s(escalation, user)
            escalation.state, escalation.claimed_by, escalation.claimed_at = State.CLAIMED, user, timezone.now()
            escalation.save(update_fields=["state", "claimed_by", "claimed_at"])
            record(actor=user, action="escalation.claim", target=str(escalation.pk))
            tell(escalation)
    return escalation


def release(*, user: User, escalation_id: UUID) -> Escalation:
    """Give it back to all who received it. Raises NotFound, and Conflict when it is over, or a colleague's."""
    with transaction.atomic():
        escalation = received(user, escalation_id)
        if escalation.state != State.OPEN:
            refuse_what_is_over(escalation)
            refuse_what_is_a_colleague_s(escalation, user)
            escalation.state, escalation.claimed_by, escalation.claimed_at = State.OPEN, None, None
            escalation.save(update_fields=["state", "claimed_by", "claimed_at"])
            record(actor=user, action="escalation.release", target=str(escalation.pk))
            tell(escalation)
    return escalation


def reply(*, user: User, escalation_id: UUID, text: str) -> Escalation:
    """
    Answer it, for good. The same words sent twice are sent once.

    Raises InvalidInput, GuardUnavailable, NotFound, and Conflict when it is over, or a colleague is on it.
    """
    text = required(text, "Please write your reply first.", MAX_REPLY_CHARS)
    with transaction.atomic():
        escalation = received(user, escalation_id)
        text = shortened(hide_of(user, text, scope=scope_of(escalation.message)), MAX_REPLY_CHARS)
        if escalation.replied_by == user and escalation.reply == text:
            return escalation
        refuse_what_is_over(escalation)
        refuse_what_is_a_colleague_s(escalation, user)
        escalation.state, escalation.reply, escalation.replied_by = State.ANSWERED, text, user
        escalation.ended_at = timezone.now()
        escalation.save(update_fields=["state", "reply", "replied_by", "ended_at"])
        record(actor=user, action="escalation.reply", target=str(escalation.pk))
        tell(escalation)
    return escalation


def decline(*, user: User, escalation_id: UUID, reason: str) -> Escalation:
    """
    Close it without an answer; the person who asked reads the reason. Twice is once.

    Raises InvalidInput, GuardUnavailable, NotFound, and Conflict when it is over, or a colleague is on it.
    """
    reason = required(reason, "Please say why: the person who asked will read it.", MAX_NOTE_CHARS)
    with transaction.atomic():
        escalation = received(user, escalation_id)
        reason = shortened(hide_of(user, reason, scope=scope_of(escalation.message)), MAX_NOTE_CHARS)
        if escalation.replied_by == user and escalation.reason == reason:
            return escalation
        refuse_what_is_over(escalation)
        refuse_what_is_a_colleague_s(escalation, user)
        escalation.reason, escalation.replied_by = reason, user
        close(escalation, Escalation.ClosedAs.DECLINED)
        record(actor=user, action="escalation.decline", target=str(escalation.pk))
        tell(escalation)
    return escalation


def withdraw(*, user: User, escalation_id: UUID) -> Escalation:
    """
    Take one's own question back: its recipients see nothing of it any more. Twice is once.

    Raises NotFound, and Conflict when it was answered or declined meanwhile.
    """
    with transaction.atomic():
        escalation = locked(Escalation.objects.visible_to(user), escalation_id)
        if not escalation.is_withdrawn:
            refuse_what_is_over(escalation)
            close(escalation, Escalation.ClosedAs.WITHDRAWN)
            record(actor=user, action="escalation.withdraw", target=str(escalation.pk))
            tell(escalation)
    return escalation


def mark_seen(*, user: User, escalation_id: UUID) -> Escalation:
    """The person who asked has read how it ended. Reading is nothing for the audit record. Raises NotFound."""
    with transaction.atomic():
        escalation = locked(Escalation.objects.visible_to(user), escalation_id)
        if escalation.is_unread:
            escalation.seen_at = timezone.now()
            escalation.save(update_fields=["seen_at"])
    return escalation


def close(escalation: Escalation, how: Escalation.ClosedAs) -> None:
    escalation.state, escalation.closed_as, escalation.ended_at = State.CLOSED, how, timezone.now()
    escalation.save(update_fields=["state", "closed_as", "ended_at", "reason", "replied_by"])


def tell(escalation: Escalation) -> None:
    """Once it is stored: the open pages of the conversation, and whoever is told by e-mail."""
    tell_page(escalation.message)
    send_soon()


def locked_message(user: User, request_id: UUID) -> Message:
    message = (
        Message.objects.visible_to(user)
        .select_related("conversation")
        .select_for_update(of=("self",))
        .filter(pk=request_id)
        .first()
    )
    if message is None:
        raise NotFound("There is no such answer.")
    if message.state == Message.State.RUNNING:
        raise Conflict("This question is still being answered. Wait for the answer, or stop it.")
    if message.conversation.is_temporary:
        raise InvalidInput("A temporary chat is not kept, so no reply could reach you. Ask in a normal chat.")
    return message


def received(user: User, escalation_id: UUID) -> Escalation:
    return locked(Escalation.objects.received_by(user), escalation_id)


def locked(escalations: EscalationQuerySet, escalation_id: UUID) -> Escalation:
    """
    The row alone: of a joined one, whoever waited for the lock would get what it was before.

    Raises NotFound.
    """
    found = escalations.filter(pk=escalation_id).values("pk")
    escalation = Escalation.objects.filter(pk__in=found).select_for_update().first()
    if escalation is None:
        raise NotFound(_("This question was taken back, or it is not addressed to you."))
    return escalation


def refuse_what_is_over(escalation: Escalation) -> None:
    if escalation.state == State.ANSWERED:
        raise Conflict(_("%(name)s has already answered this question.") % {"name": escalation.replier})
    if escalation.is_withdrawn:
        raise Conflict(_("This question was taken back."))
    if escalation.state == State.CLOSED:
        raise Conflict(_("%(name)s has already declined this question.") % {"name": escalation.replier})


def refuse_what_is_a_colleague_s(escalation: Escalation, user: User) -> None:
    if escalation.state_now == State.CLAIMED and escalation.claimed_by != user:
        raise Conflict(_("%(name)s is on it. Take it over first.") % {"name": escalation.claimer})


def required(text: str, complaint: str, most: int) -> str:
    text = checked(text, "text", most)
    if not text:
        raise InvalidInput(complaint)
    return text


def checked(text: str, name: str, most: int) -> str:
    """Line ends as one character: what a browser sends has two, and would be too long for what it let people type."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > most or "\x00" in text:
        raise InvalidInput(f"{name}: at most {most:,} characters.")
    return text
