"""Runs whose process died, or was only thought to."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from chat.pipeline.settle import settle
from chat.pipeline.values import Asked, Condensed, Verdict
from chat.pipeline.way import Way
from chat.runs.emitter import RunEmitter
from chat.runs.follow import follow
from chat.runs.keeper import DEAD_AFTER, INTERRUPTED, MAX_ATTEMPTS, Held, claim_orphans, keep, keeper
from chat.runs.services import finish_running, resume, start
from chat.runs.tasks import GIVEN_UP_AFTER, close_orphaned_runs
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.limits import services as limits
from tests.chat.rows import make_conversation, make_running

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = 2 * GIVEN_UP_AFTER


@pytest.fixture
def conversation(ana: User) -> Conversation:
    return make_conversation(ana)


@pytest.fixture
async def task() -> AsyncIterator[asyncio.Task[None]]:
    """Something that goes on until it is told to end."""
    going = asyncio.create_task(asyncio.Event().wait())
    yield going  # type: ignore[misc]  # a task of another result
    going.cancel()


def make_orphan(conversation: Conversation, **fields: object) -> Message:
    """A run without a sign of life for longer than any process keeps silent."""
    return make_running(conversation, **{"beat_at": timezone.now() - LONG_AGO, **fields})


def held(message: Message, task: asyncio.Task[None], *, attempt: int = 1) -> Held:
    return Held(message.request_id, attempt, RunEmitter(message.request_id, attempt), task)


async def ended(request_id: UUID) -> Message:
    await finish_running()
    return await Message.objects.aget(pk=request_id)


async def test_the_run_of_a_dead_process_is_answered_by_another(conversation: Conversation) -> None:
    message = await in_thread(make_orphan, conversation, answer="Half an")
    (claimed,) = await in_thread(claim_orphans, [])
    await resume(claimed)
    events = [event async for event in follow(message.request_id)]
    assert (events[0].type, events[0].data["text"]) == ("reset", "")
    assert (events[-1].type, events[-1].data["status"]) == ("done", "no_answer")
    assert (await ended(message.request_id)).state == "done"


async def test_who_read_the_dead_process_s_words_goes_on_with_the_new_ones(conversation: Conversation) -> None:
    message = await in_thread(make_orphan, conversation)
    (claimed,) = await in_thread(claim_orphans, [])
    await resume(claimed)
    events = [event async for event in follow(message.request_id, after=37)]
    assert events[0].type == "reset"
    assert events[-1].is_last


async def test_one_process_takes_over_and_no_other(conversation: Conversation) -> None:
    await in_thread(make_orphan, conversation)
    claims = await asyncio.gather(*(in_thread(claim_orphans, []) for _ in range(4)))
    assert sum(map(len, claims)) == 1


async def test_a_run_that_gives_signs_of_life_is_left_alone(conversation: Conversation) -> None:
    await in_thread(make_running, conversation, beat_at=timezone.now() - DEAD_AFTER / 2)
    assert await in_thread(claim_orphans, []) == []


async def test_an_answer_that_ends_every_process_is_closed_with_what_there_is(conversation: Conversation) -> None:
    message = await in_thread(make_orphan, conversation, attempts=MAX_ATTEMPTS, answer="Half an")
    assert await in_thread(claim_orphans, []) == []
    await message.arefresh_from_db()
    assert (message.state, message.status) == ("failed", "error")
    assert message.answer == f"Half an\n\n{INTERRUPTED}"


async def test_a_stopped_run_is_not_begun_again(conversation: Conversation) -> None:
    message = await in_thread(make_orphan, conversation, stopped=True)
    assert await in_thread(claim_orphans, []) == []
    assert (await Message.objects.aget(pk=message.pk)).state == "failed"


async def test_a_process_that_was_only_thought_dead_can_neither_keep_nor_settle(
    conversation: Conversation, task: asyncio.Task[None]
) -> None:
    message = await in_thread(make_orphan, conversation)
    zombie = held(message, task)
    await in_thread(claim_orphans, [])
    assert await in_thread(keep, [zombie]) == {}
    audience = await in_thread(Audience.of, conversation.user)
    asked = Asked(message.request_id, message.question, conversation.user_id, audience, attempt=1)
    verdict = Verdict("Too late.", Message.Status.NO_ANSWER)
    assert await in_thread(settle, asked, Way(Condensed(message.question)), verdict) is None
    assert (await Message.objects.aget(pk=message.pk)).state == "running"


async def test_a_sign_of_life_stores_the_text_and_brings_the_wish_to_stop(
    conversation: Conversation, task: asyncio.Task[None]
) -> None:
    message = await in_thread(make_running, conversation, stopped=True)
    ours = held(message, task)
    await ours.emit.text("Sixteen weeks")
    before = timezone.now()
    assert await in_thread(keep, [ours]) == {message.request_id: True}
    await message.arefresh_from_db()
    assert message.answer == "Sixteen weeks"
    assert message.beat_at >= before - timedelta(seconds=1)


async def test_the_run_of_a_deleted_conversation_is_ended(conversation: Conversation, task: asyncio.Task[None]) -> None:
    message = await in_thread(make_running, conversation)
    keeper().hold(held(message, task))
    await in_thread(conversation.delete)
    await asyncio.wait([task], timeout=10)
    assert task.cancelled()


async def test_an_idle_process_looks_for_the_dead(conversation: Conversation) -> None:
    message = await in_thread(make_orphan, conversation)
    keeper().take_over(resume)
    async with asyncio.timeout(20):
        async for event in follow(message.request_id):
            last = event
    assert (last.type, last.data["status"]) == ("done", "no_answer")


async def test_without_any_web_process_the_sweeper_closes_it(conversation: Conversation, ben: User) -> None:
    orphan = await in_thread(make_orphan, conversation)
    alive = await in_thread(make_running, await in_thread(make_conversation, ben))
    await in_thread(close_orphaned_runs)
    assert (await Message.objects.aget(pk=orphan.pk)).state == "failed"
    assert (await Message.objects.aget(pk=alive.pk)).state == "running"


async def test_a_run_held_here_is_never_claimed_here(conversation: Conversation) -> None:
    """Its signs of life may be late because this very process is busy."""
    message = await in_thread(make_orphan, conversation)
    assert await in_thread(claim_orphans, [message.request_id]) == []


async def test_a_run_ends_by_itself_and_is_held_no_more(conversation: Conversation) -> None:
    message = await in_thread(make_running, conversation)
    audience = await in_thread(Audience.of, conversation.user)
    asked = Asked(message.request_id, message.question, conversation.user_id, audience)
    await start(asked, limits.unlimited(str(message.request_id)))
    assert message.request_id not in keeper().held
