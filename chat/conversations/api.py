"""Asking, and one's own conversations, over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Header, Query, Router, Schema, Status
from pydantic import Field

from askacme.lib.errors import NotFound
from askacme.lib.threads import in_thread
from chat.conversations.models import Citation, Conversation, Message
from chat.conversations.schema import AnswerOut, answer_object
from chat.conversations.services import delete
from chat.conversations.stream import EVENT_STREAM, event_stream, resume, settled, tell
from chat.runs.services import ask
from governance.access.audience import Audience
from governance.access.auth import caller_of
from governance.guardrails.pii import restore
from governance.guardrails.pii.vault import values_for

router = Router(tags=["chat"])


class AskIn(Schema):
    question: str = Field(description="At most 5,000 characters by default.")
    conversation_id: UUID | None = Field(default=None, description="Goes on in this conversation; default: a new one.")


class ConversationOut(Schema):
    id: UUID
    title: str
    created_at: datetime
    updated_at: datetime


class ConversationDetail(ConversationOut):
    messages: list[AnswerOut]


@router.post("/ask", response=AnswerOut, summary="Ask a question")
async def ask_question(request: HttpRequest, body: AskIn) -> AnswerOut | HttpResponseBase:
    """
    One answer with its sources.

    With `Accept: text/event-stream` the same as events: see `/answers/{request_id}/events`, where a client whose
    connection was cut goes on. The answer is made to its end whether anybody listens or not.
    """
    message = await ask(user=caller_of(request), question=body.question, conversation_id=body.conversation_id)
    if EVENT_STREAM in request.headers.get("Accept", ""):
        return event_stream(tell(message.request_id))
    return await settled(message.request_id)


@router.get("/conversations", response=list[ConversationOut], summary="My conversations")
def list_conversations(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[Conversation]:
    return list(Conversation.objects.visible_to(caller_of(request)).listed()[offset : offset + limit])


@router.get("/conversations/{uuid:conversation_id}", response=ConversationDetail, summary="One conversation")
def get_conversation(request: HttpRequest, conversation_id: UUID) -> ConversationDetail:
    user = caller_of(request)
    conversation = get_object_or_404(Conversation.objects.visible_to(user), pk=conversation_id)
    messages = conversation.messages.prefetch_related(
        Prefetch("citations", Citation.objects.open_to(Audience.of(user)))
    )
    values = values_for(
        str(conversation_id), conversation.title, *(f"{said.question} {said.answer}" for said in messages)
    )
    return ConversationDetail(
        id=conversation.pk,
        title=restore(conversation.title, values),
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        messages=[AnswerOut.of(message, list(message.citations.all())).unveiled(values) for message in messages],
    )


@router.delete("/conversations/{uuid:conversation_id}", response={204: None}, summary="Delete a conversation for good")
async def delete_conversation(request: HttpRequest, conversation_id: UUID) -> Status[None]:
    await delete(user=caller_of(request), conversation_id=conversation_id)
    return Status(204, None)


@router.get("/answers/{uuid:request_id}", response=AnswerOut, summary="One answer by its request id")
def get_answer(request: HttpRequest, request_id: UUID) -> AnswerOut:
    user = caller_of(request)
    message = get_object_or_404(Message.objects.visible_to(user), pk=request_id)
    answer = AnswerOut.model_validate(answer_object(message, Audience.of(user)))
    return answer.unveiled(values_for(str(message.conversation_id), message.question, message.answer))


@router.get(
    "/answers/{uuid:request_id}/events",
    summary="An answer as events, from any of them on",
    openapi_extra={"responses": {200: {"description": "Server-sent events", "content": {EVENT_STREAM: {}}}}},
)
async def answer_events(
    request: HttpRequest,
    request_id: UUID,
    last_event_id: Annotated[str, Header(alias="Last-Event-ID")] = "",
    after: Annotated[str, Query(description="The same, for clients that can't set headers.")] = "",
) -> StreamingHttpResponse:
    """
    Server-sent events, those already told and those to come. Each has an `id`: send the last one you saw as
    `Last-Event-ID`, and it goes on behind it. An id that this answer can't have had begins anew, behind a `reset`.

    * `status` {"stage"}: `searching`, `looking_up`, `writing`; or `queued` with its "place" in the line
    * `delta` {"seq", "text"}: the next words
    * `proof` {"seq", "sentence", "start", "end", "state", "cites", "reason"}: whether what a sentence that has ended
      says is in the passages it cites; `start` and `end` are characters of the text
    * `reset` {"seq", "text"}: forget the text so far, it is this one
    * `sources` {"sources"}, then `done` with the whole answer, or `error` {"code", "message"}: the last one

    An hour after an answer was made its events are gone: then a single `reset` has its whole text, and the proof
    follows. A comment every 15 seconds keeps the connection open while nothing happens.
    """
    mine = Message.objects.visible_to(caller_of(request)).filter(pk=request_id)
    message = await in_thread(mine.first)
    if message is None:
        raise NotFound("There is no such answer.")
    return event_stream(resume(message, last_event_id or after))
