"""
Asking and stopping.

An answer is made by a task of this process that no socket owns: whoever wants to see it follows its events.
"""

import asyncio
import logging
from contextlib import suppress
from uuid import UUID, uuid4

from channels.layers import get_channel_layer
from django.db import IntegrityError, transaction
from django.utils import timezone

from askacme.lib.errors import ConversationBusy, NotFound
from askacme.lib.threads import in_thread
from chat.conversations.models import TITLE_CHARS, Conversation, Message
from chat.conversations.schema import answer_object
from chat.pipeline.answer import BROKEN, answer
from chat.pipeline.screen import screen
from chat.pipeline.values import Asked
from chat.runs import heartbeat
from chat.runs.emitter import RunEmitter
from governance.access.audience import Audience
from governance.access.models import User

logger = logging.getLogger(__name__)

_running: set[asyncio.Task[None]] = set()


async def ask(*, user: User, question: str, conversation_id: UUID | None) -> Message:
    """
    Take a question in and begin to answer it in the background of this process.

    A conversation that does not exist yet is created under the given id.

    Raises QuestionEmpty, QuestionTooLong, NotFound (somebody else's conversation) and ConversationBusy.
    """
    message, asked = await in_thread(take_in, user=user, question=question, conversation_id=conversation_id)
    await heartbeat.beat(message.request_id)
    task = asyncio.create_task(run(asked))
    _running.add(task)
    task.add_done_callback(_running.discard)
    layer = get_channel_layer()
    await layer.group_send(
        group_name(message.conversation_id), {"type": "run.started", "request_id": str(message.request_id)}
    )
    return message


async def ask_and_wait(*, user: User, question: str, conversation_id: UUID | None = None) -> Message:
    """The settled message; for callers that want the whole answer. Raises as `ask` does."""
    message, asked = await in_thread(take_in, user=user, question=question, conversation_id=conversation_id)
    await run(asked)
    return await in_thread(Message.objects.get, pk=message.pk)


def take_in(*, user: User, question: str, conversation_id: UUID | None) -> tuple[Message, Asked]:
    """Store the question under its conversation. Nothing is stored of a question that cannot be asked."""
    text = screen(question)
    with transaction.atomic():
        conversation, _ = Conversation.objects.get_or_create(
            pk=conversation_id or uuid4(), defaults={"user": user, "title": title_of(text)}
        )
        if conversation.user_id != user.pk:
            raise NotFound("There is no such conversation.")
        Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now())
        try:
            with transaction.atomic():
                message = Message.objects.create(conversation=conversation, question=text)
        except IntegrityError:
            raise ConversationBusy("I'm still answering your last question. Wait for it, or stop it.") from None
    return message, Asked(message.request_id, text, user.pk, Audience.of(user))


async def run(asked: Asked) -> None:
    """Answer one question to its end, telling it event by event."""
    emit = RunEmitter(asked.request_id)
    watcher = asyncio.create_task(emit.watch())
    try:
        answered = await answer(asked, emit)
        await emit.close()
        if answered:
            done = await in_thread(answer_object, answered.message)
            await emit.writer.write("sources", {"sources": done["sources"]})
            await emit.writer.write("done", done)
        else:
            await emit.writer.write("error", {"code": "not_found", "message": "This conversation was deleted."})
    except Exception:
        logger.exception("Run %s broke off", asked.request_id)
        await in_thread(close_as_broken, asked.request_id)
        with suppress(Exception):
            await emit.writer.write("error", {"code": "internal_error", "message": BROKEN})
    finally:
        watcher.cancel()
        with suppress(Exception):
            await heartbeat.end(asked.request_id)


async def finish_running() -> None:
    """Wait until the answers that this process makes are made; before its event loop ends."""
    await asyncio.gather(*_running, return_exceptions=True)


async def stop(*, user: User, request_id: UUID) -> None:
    """Ask the process that makes this answer to stop. Raises NotFound for somebody else's."""
    if not await in_thread(Message.objects.visible_to(user).filter(pk=request_id).exists):
        raise NotFound("There is no such answer.")
    await heartbeat.ask_to_stop(request_id)


def close_as_broken(request_id: UUID, text: str = BROKEN) -> None:
    """End a message whose run is gone. Does nothing if it ended by itself."""
    Message.objects.filter(pk=request_id, state=Message.State.RUNNING).update(
        state=Message.State.FAILED, status=Message.Status.ERROR, answer=text, finished_at=timezone.now()
    )


def title_of(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rsplit(" ", 1)[0][: TITLE_CHARS - 1] + "…"


def group_name(conversation_id: UUID) -> str:
    return f"conversation.{conversation_id}"
