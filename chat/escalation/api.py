"""Handing a question over, and reading the reply, over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from askacme.lib.errors import Conflict
from chat.escalation.models import MAX_NOTE_CHARS, Escalation
from chat.escalation.offer import topics_or_none
from chat.escalation.recipients import recipients_for
from chat.escalation.services import escalate
from chat.feedback.thumbs import own_answer
from governance.access.auth import caller_of
from governance.guardrails.pii import restore
from governance.guardrails.pii.vault import values_for

router = Router(tags=["escalations"])


class EscalationIn(Schema):
    request_id: UUID = Field(description="Of one of your own answers. The turns that led to it are handed over, too.")
    note: str = Field(default="", max_length=MAX_NOTE_CHARS)


class ReplyOut(Schema):
    """A colleague's own words."""

    text: str
    by: str
    at: datetime

    @classmethod
    def of(cls, escalation: Escalation, values: Mapping[str, str]) -> "ReplyOut | None":
        if not escalation.reply or escalation.ended_at is None:
            return None
        return cls(text=restore(escalation.reply, values), by=escalation.replier, at=escalation.ended_at)


class EscalationOut(Schema):
    """`closed_as` and `reason` say why it was closed without a reply. `asked_of` is who was asked, by name."""

    id: UUID
    request_id: UUID
    question: str
    note: str
    asked_of: str
    state: Escalation.State
    claimed_by: str | None
    closed_as: Escalation.ClosedAs | None
    reason: str | None
    reply: ReplyOut | None
    created_at: datetime

    @classmethod
    def of(cls, escalation: Escalation) -> "EscalationOut":
        """For the person who asked: with the values behind placeholders."""
        said = (escalation.question, escalation.note, escalation.reason, escalation.reply)
        values = values_for(str(escalation.message.conversation_id), *said)
        return cls(
            id=escalation.pk,
            request_id=escalation.message_id,
            question=restore(escalation.question, values),
            note=restore(escalation.note, values),
            asked_of=escalation.asked_of,
            state=escalation.state_now,
            claimed_by=escalation.claimer if escalation.state_now == Escalation.State.CLAIMED else None,
            closed_as=Escalation.ClosedAs(escalation.closed_as) if escalation.closed_as else None,
            reason=restore(escalation.reason, values) or None,
            reply=ReplyOut.of(escalation, values),
            created_at=escalation.created_at,
        )


@router.post("", response={201: EscalationOut}, summary="Hand a question over to a person")
def hand_over(request: HttpRequest, body: EscalationIn) -> Status[EscalationOut]:
    """
    To the owner of the nearest document, else to the group that answers such questions.

    One that is open already is given back as it is.
    """
    user = caller_of(request)
    message = own_answer(user, body.request_id)
    recipients = recipients_for(user, message, topics_or_none(user, message))
    if not recipients:
        raise Conflict("Nobody receives questions here yet.")
    return Status(201, EscalationOut.of(escalate(user=user, request_id=message.pk, to=recipients[0], note=body.note)))


@router.get("", response=list[EscalationOut], summary="The questions that I handed over")
def list_escalations(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[EscalationOut]:
    """Newest first, each with its reply once there is one."""
    mine = Escalation.objects.visible_to(caller_of(request)).with_people().select_related("message")
    newest = mine.order_by("-created_at")[offset : offset + limit]
    return [EscalationOut.of(escalation) for escalation in newest]
