"""Asking, and one's own conversations, over HTTP."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import Field

from askacme.lib.errors import ServiceUnavailable
from chat.conversations.models import Conversation, Message
from chat.conversations.schema import AnswerOut, answer_object
from chat.runs.events import follow
from chat.runs.services import ask
from governance.access.auth import caller_of

router = Router(tags=["chat"])

EVENT_STREAM = "text/event-stream"


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

    With `Accept: text/event-stream` the same as events: `status`, `delta` {"seq", "text"}, `sources`, and at the end
    `done` with the whole object, or `error`.
    """
    message = await ask(user=caller_of(request), question=body.question, conversation_id=body.conversation_id)
    if EVENT_STREAM in request.headers.get("Accept", ""):
        return event_stream(message)
    async for event in follow(message.request_id):
        if event.type == "done":
            return AnswerOut.model_validate(event.data)
    raise ServiceUnavailable("The answer was interrupted. Please ask again.")


def event_stream(message: Message) -> StreamingHttpResponse:
    response = StreamingHttpResponse(server_sent_events(message), content_type=EVENT_STREAM)
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def server_sent_events(message: Message) -> AsyncIterator[bytes]:
    """The run's events as server-sent events; an `error` at the end when it was interrupted."""
    async for event in follow(message.request_id):
        yield sse(event.type, event.data, event.seq)
        if event.is_last:
            return
    yield sse("error", {"code": ServiceUnavailable.code, "message": "The answer was interrupted. Please ask again."})


def sse(type_: str, data: object, seq: int | None = None) -> bytes:
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {type_}\ndata: {json.dumps(data)}\n\n".encode()


@router.get("/conversations", response=list[ConversationOut], summary="My conversations")
def list_conversations(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[Conversation]:
    return list(Conversation.objects.visible_to(caller_of(request))[offset : offset + limit])


@router.get("/conversations/{uuid:conversation_id}", response=ConversationDetail, summary="One conversation")
def get_conversation(request: HttpRequest, conversation_id: UUID) -> ConversationDetail:
    conversation = get_object_or_404(Conversation.objects.visible_to(caller_of(request)), pk=conversation_id)
    messages = conversation.messages.prefetch_related("citations__version__document")
    return ConversationDetail(
        id=conversation.pk,
        title=conversation.title,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        messages=[AnswerOut.of(message, list(message.citations.all())) for message in messages],
    )


@router.delete("/conversations/{uuid:conversation_id}", response={204: None}, summary="Delete a conversation for good")
def delete_conversation(request: HttpRequest, conversation_id: UUID) -> Status[None]:
    get_object_or_404(Conversation.objects.visible_to(caller_of(request)), pk=conversation_id).delete()
    return Status(204, None)


@router.get("/answers/{uuid:request_id}", response=AnswerOut, summary="One answer by its request id")
def get_answer(request: HttpRequest, request_id: UUID) -> AnswerOut:
    message = get_object_or_404(Message.objects.visible_to(caller_of(request)), pk=request_id)
    return AnswerOut.model_validate(answer_object(message))
