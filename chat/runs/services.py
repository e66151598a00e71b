"""
Asking and stopping.

An answer is made by a task of this process that no socket owns: whoever wants to see it follows its events.
"""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from channels.layers import get_channel_layer
from django.db import DatabaseError, transaction
from redis.exceptions import RedisError

from askacme.lib.errors import NotFound, RateLimited
from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.conversations.schema import answer_object
from chat.pipeline.answer import BROKEN, answer
from chat.pipeline.screen import screen
from chat.pipeline.values import Asked
from chat.runs.emitter import RunEmitter
from chat.runs.keeper import Held, close_as_broken, keeper
from chat.runs.ship import ship
from chat.runs.take_in import AFTER_THE_LAST, Place, place_of, take_in
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.limits import services as limits
from governance.gateway.limits.services import Admission
from governance.gateway.spent import spent_on
from governance.guardrails.pii import Masked, mask
from governance.guardrails.pii.vault import keep
from governance.guardrails.policy import Policy, policy_for
from governance.prompts.releases.current import recipe_at, recipe_for

logger = logging.getLogger(__name__)

SHIPPED_WITHIN_S = 3.0
TOLD_WITHIN_S = 1.0

_running: set[asyncio.Task[Any]] = set()


async def ask(*, user: User, question: str, conversation_id: UUID | None, temporary: bool = False) -> Message:
    """
    Take a person's question in and begin to answer it in the background of this process.

    A conversation that does not exist yet is created under the given id; `temporary` says what kind. Nothing is stored
    of a question that is refused, and nothing spent. Personal data is hidden before anything else sees the question.

    Raises GuardUnavailable (it can't be looked for), QuestionEmpty, QuestionTooLong, RateLimited, NotFound (somebody
    else's conversation) and ConversationBusy.
    """
    place = Place(conversation_id or uuid4(), AFTER_THE_LAST, is_temporary=temporary)
    return await begin(user=user, question=screen(question), place=place)


async def ask_instead(*, user: User, conversation_id: UUID, request_id: UUID, question: str) -> Message:
    """
    Ask another question in the place of one's own earlier one; that one, and what followed it, stay as a branch.

    Raises as `ask` does, and NotFound for somebody else's, or one of another conversation.
    """
    place, _ = await in_thread(place_of, user, conversation_id, request_id)
    return await begin(user=user, question=screen(question), place=place)


async def regenerate(*, user: User, conversation_id: UUID, request_id: UUID) -> Message:
    """Answer a question anew; the answer before stays as a branch. Raises as `ask_instead` does."""
    place, question = await in_thread(place_of, user, conversation_id, request_id)
    return await begin(user=user, question=question, place=place)


async def begin(*, user: User, question: str, place: Place) -> Message:
    """Take in a question that was screened: now, or when it was asked the first time."""
    request_id = uuid4()
    audience = await in_thread(Audience.of, user)
    admission = await limits.admit(user_id=user.pk, group_ids=audience.group_ids, run_id=str(request_id))
    try:
        policy = await policy_of(audience)
        hidden = await in_thread(mask, question, scope=str(place.conversation_id), policy=policy)
        asked = Asked(request_id, hidden.text, user.pk, audience, policy=policy, recipe=recipe_for(user.pk))
        message = await taken_in(asked, hidden, user=user, place=place)
    except BaseException:
        await limits.leave(admission)
        raise
    start(replace(asked, is_first=message.parent_id is None), admission)
    in_background(tell_tabs(message))
    return message


async def taken_in(asked: Asked, hidden: Masked, *, user: User, place: Place) -> Message:
    """The question on record, and its values kept: nothing is of one that is refused. Raises as `take_in`."""
    message = await in_thread(take_in, asked, user=user, place=place)
    if hidden.values and asked.policy.is_reversible:
        await in_thread(keep, str(place.conversation_id), hidden.values)
    return message


def start(asked: Asked, admission: Admission) -> asyncio.Task[None]:
    """Make the answer in a task of its own, under the keeper's eyes."""
    emit = RunEmitter(asked.request_id, asked.attempt)
    task = in_background(run(asked, admission, emit))
    keeper().hold(Held(asked.request_id, asked.attempt, emit, task))
    return task


def in_background(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


async def policy_of(audience: Audience) -> Policy:
    """What this person's questions and answers are held to from now on."""
    return await in_thread(policy_for, frozenset(audience.group_ids))


async def resume(message: Message) -> None:
    """Answer again, from the start, what a process that died was answering; for the keeper."""
    user = message.conversation.user
    audience = await in_thread(Audience.of, user)
    policy = await policy_of(audience)
    recipe = await in_thread(recipe_at, message.recipe, user_id=user.pk)
    begun = Asked(message.request_id, message.question, user.pk, audience, message.attempts)
    asked = replace(begun, policy=policy, recipe=recipe)
    start(asked, limits.unlimited(str(asked.request_id)))


async def tell_tabs(message: Message) -> None:
    """Let every tab of the conversation show the new answer."""
    await tell_conversation(message.conversation_id, {"type": "run.started", "request_id": str(message.request_id)})


async def tell_conversation(conversation_id: UUID, event: dict[str, Any]) -> None:
    """Tell every open tab of a conversation; one that can't be told sees it when it is loaded again."""
    try:
        async with asyncio.timeout(TOLD_WITHIN_S):
            await get_channel_layer().group_send(group_name(conversation_id), event)
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("The tabs of conversation %s were not told (%r)", conversation_id, error)


async def ask_and_wait(*, user: User, question: str, conversation_id: UUID | None = None) -> Message:
    """
    The settled message; for operators' commands, which usage limits leave alone.

    Raises as `ask` does, but for RateLimited.
    """
    audience = await in_thread(Audience.of, user)
    policy, place = await policy_of(audience), Place(conversation_id or uuid4(), AFTER_THE_LAST)
    hidden = await in_thread(mask, screen(question), scope=str(place.conversation_id), policy=policy)
    asked = Asked(uuid4(), hidden.text, user.pk, audience, policy=policy)
    await taken_in(asked, hidden, user=user, place=place)
    await start(asked, limits.unlimited(str(asked.request_id)))
    return await in_thread(Message.objects.get, pk=asked.request_id)


async def run(asked: Asked, admission: Admission, emit: RunEmitter) -> None:
    """Answer one question to its end, once it is its turn, telling it event by event."""
    shipping = asyncio.create_task(ship(asked.request_id, asked.attempt, emit.tail))
    try:
        async with limits.holding(admission):
            message = await answer_in_turn(asked, admission, emit)
        keeper().let_go(asked.request_id, asked.attempt)
        emit.flush()
        await tell_end(asked, message, emit)
    except Exception:
        logger.exception("Run %s broke off", asked.request_id)
        emit.flush()
        if await in_thread(close_as_broken, asked.request_id, BROKEN, attempt=asked.attempt):
            emit.tail.append("error", {"code": "internal_error", "message": BROKEN})
    finally:
        emit.close()
        await asyncio.wait([shipping], timeout=SHIPPED_WITHIN_S)
        shipping.cancel()


async def tell_end(asked: Asked, message: Message | None, emit: RunEmitter) -> None:
    """Nothing is told when another process has the run: whoever follows goes on there."""
    if message:
        done = await in_thread(answer_object, message, asked.audience)
        emit.tail.append("sources", {"sources": done["sources"]})
        emit.tail.append("done", done)
    elif not await in_thread(Message.objects.filter(pk=asked.request_id).exists):
        emit.tail.append("error", {"code": "not_found", "message": "This conversation was deleted."})


async def answer_in_turn(asked: Asked, admission: Admission, emit: RunEmitter) -> Message | None:
    """The settled message; None when its conversation was deleted meanwhile, or another process has the run."""
    try:
        await wait_for_turn(admission, emit)
    except RateLimited as error:
        is_closed = await in_thread(close_as_broken, asked.request_id, str(error), attempt=asked.attempt)
        return await in_thread(Message.objects.get, pk=asked.request_id) if is_closed else None
    try:
        answered = await answer(asked, emit)
    finally:
        await charge(asked, admission)
    return answered.message if answered else None


async def charge(asked: Asked, admission: Admission) -> None:
    try:
        spent = await in_thread(spent_on, asked.request_id)
        await limits.charge(admission, tokens=spent.input_tokens + spent.output_tokens)
    except DatabaseError as error:  # the answer is worth more than the count
        logger.warning("Run %s: its tokens are not counted (%r)", asked.request_id, error)


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
    if not await in_thread(want_stop, user, request_id):
        raise NotFound("There is no such answer.")
    if held := keeper().held.get(request_id):
        held.emit.stop()


def want_stop(user: User, request_id: UUID) -> bool:
    """Leave the wish where the process that makes the answer sees it; False for somebody else's."""
    with transaction.atomic():
        mine = Message.objects.visible_to(user).filter(pk=request_id)
        mine.running().update(stopped=True)
        return mine.exists()


def group_name(conversation_id: UUID) -> str:
    return f"conversation.{conversation_id}"
