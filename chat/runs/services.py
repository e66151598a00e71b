"""
Asking and stopping.

An answer is made by a task of this process that no socket owns: whoever wants to see it follows its events.
"""

import asyncio
import logging
from contextlib import aclosing, suppress
from uuid import UUID, uuid4

from channels.layers import get_channel_layer
from django.db import IntegrityError, transaction
from django.utils import timezone
from redis.exceptions import RedisError

from askacme.lib.errors import ConversationBusy, NotFound, RateLimited
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
from governance.gateway.limits import services as limits
from governance.gateway.limits.services import Admission
from governance.gateway.spent import spent_on

logger = logging.getLogger(__name__)

_running: set[asyncio.Task[None]] = set()


async def ask(*, user: User, question: str, conversation_id: UUID | None) -> Message:
    """
    Take a person's question in and begin to answer it in the background of this process.

    A conversation that does not exist yet is created under the given id. Nothing is stored of a question that is
    refused, and nothing spent.

    Raises QuestionEmpty, QuestionTooLong, RateLimited, NotFound (somebody else's conversation) and ConversationBusy.
    """
    text, request_id = screen(question), uuid4()
    audience = await in_thread(Audience.of, user)
    admission = await limits.admit(user_id=user.pk, group_ids=audience.group_ids, run_id=str(request_id))
    try:
        asked = Asked(request_id, text, user.pk, audience)
        message = await in_thread(take_in, asked, user=user, conversation_id=conversation_id)
        await heartbeat.beat(request_id)
    except BaseException:
        await limits.leave(admission)
        raise
    task = asyncio.create_task(run(asked, admission))
    _running.add(task)
    task.add_done_callback(_running.discard)
    await tell_other_tabs(message)
    return message


async def tell_other_tabs(message: Message) -> None:
    """The answer is being made whether they hear of it or not: they see it when they are loaded again."""
    started = {"type": "run.started", "request_id": str(message.request_id)}
    try:
        await get_channel_layer().group_send(group_name(message.conversation_id), started)
    except RedisError as error:
        logger.warning("Run %s: other tabs were not told (%s)", message.request_id, error)


async def ask_and_wait(*, user: User, question: str, conversation_id: UUID | None = None) -> Message:
    """
    The settled message; for operators' commands, which usage limits leave alone.

    Raises as `ask` does, but for RateLimited.
    """
    asked = Asked(uuid4(), screen(question), user.pk, await in_thread(Audience.of, user))
    message = await in_thread(take_in, asked, user=user, conversation_id=conversation_id)
    await run(asked, limits.unlimited(str(asked.request_id)))
    return await in_thread(Message.objects.get, pk=message.pk)


def take_in(asked: Asked, *, user: User, conversation_id: UUID | None) -> Message:
    """Store the question under its conversation."""
    with transaction.atomic():
        conversation, _ = Conversation.objects.get_or_create(
            pk=conversation_id or uuid4(), defaults={"user": user, "title": title_of(asked.question)}
        )
        if conversation.user_id != user.pk:
            raise NotFound("There is no such conversation.")
        Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now())
        try:
            with transaction.atomic():
                return Message.objects.create(
                    request_id=asked.request_id, conversation=conversation, question=asked.question
                )
        except IntegrityError:
            raise ConversationBusy("I'm still answering your last question. Wait for it, or stop it.") from None


async def run(asked: Asked, admission: Admission) -> None:
    """Answer one question to its end, once it is its turn, telling it event by event."""
    emit = RunEmitter(asked.request_id)
    watcher = asyncio.create_task(emit.watch())
    try:
        async with limits.holding(admission):
            message = await answer_in_turn(asked, admission, emit)
        await emit.close()
        if message:
            done = await in_thread(answer_object, message)
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


async def answer_in_turn(asked: Asked, admission: Admission, emit: RunEmitter) -> Message | None:
    """The settled message; None when its conversation was deleted meanwhile."""
    try:
        await wait_for_turn(admission, emit)
    except RateLimited as error:
        await in_thread(close_as_broken, asked.request_id, str(error))
        return await in_thread(Message.objects.filter(pk=asked.request_id).first)
    try:
        answered = await answer(asked, emit)
    finally:
        spent = await in_thread(spent_on, asked.request_id)
        await limits.charge(admission, tokens=spent.input_tokens + spent.output_tokens)
    return answered.message if answered else None


async def wait_for_turn(admission: Admission, emit: RunEmitter) -> None:
    """
    Stand in line for a free place, and tell which one; at most until the person stops the answer.

    Raises RateLimited when no place becomes free in time.
    """
    async with aclosing(limits.wait_for_place(admission)) as places:
        async for place in places:
            if emit.is_stop_wanted:
                return
            await emit.queued(place)


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
