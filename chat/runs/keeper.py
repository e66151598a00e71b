"""
What keeps answers going: signs of life, text stored on a timer, and the runs of processes that died, taken over.

All in the database, so none of it depends on Redis. A run belongs to the process that made the latest of its
`attempts`; one that was only thought dead finds that out with its next sign of life, and lets go.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from askacme.lib.per_loop import PerLoop
from askacme.lib.threads import Threads
from chat.conversations.models import Message, MessageQuerySet
from chat.pipeline.audited import audited
from chat.runs.emitter import RunEmitter
from governance.access.audience import Audience
from governance.audit.answers import record_answer
from governance.gateway.spent import spent_on
from governance.guardrails.policy import policy_for

logger = logging.getLogger(__name__)

BEAT_S = 1.0
DEAD_AFTER = timedelta(seconds=4)
MAX_ATTEMPTS = 3
"""An answer that has ended three processes is not tried in a fourth."""
TAKEN_AT_ONCE = 20
GONE = 2
"""Signs of life in a row that find a run gone until its task is ended: at the first one it may just have settled."""
ENDED = ("state", "status", "answer", "input_tokens", "output_tokens", "cost_usd", "finished_at")
INTERRUPTED = "The answer was interrupted because the server restarted. Please try again."

# A sign of life waits neither for a free thread nor for what is taken over.
_beats = Threads("beat", 1).run
_looks = Threads("look", 1).run

# A row that somebody has locked is being settled, deleted or claimed: it is passed over, so that it holds up no other.
KEEP = """
WITH kept AS (SELECT * FROM unnest(%s::uuid[], %s::int[], %s::text[]) AS kept (request_id, attempt, text)),
free AS (
    SELECT message.request_id FROM chat_message AS message JOIN kept USING (request_id)
    WHERE message.attempts = kept.attempt AND message.state = 'running'
    FOR NO KEY UPDATE OF message SKIP LOCKED
),
beaten AS (
    UPDATE chat_message AS message SET beat_at = now(), answer = coalesce(nullif(kept.text, ''), message.answer)
    FROM kept JOIN free USING (request_id) WHERE message.request_id = kept.request_id
)
SELECT message.request_id, message.stopped FROM chat_message AS message JOIN kept USING (request_id)
WHERE message.attempts = kept.attempt AND message.state = 'running'
"""


@dataclass(slots=True)
class Held:
    """A run that this process makes. `missed`: signs of life in a row that found it gone."""

    request_id: UUID
    attempt: int
    emit: RunEmitter
    task: asyncio.Task[None]
    missed: int = field(default=0)


Resume = Callable[[Message], Awaitable[None]]


class Keeper:
    """One for each event loop."""

    def __init__(self) -> None:
        self.held: dict[UUID, Held] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._resume: Resume | None = None

    def hold(self, held: Held) -> None:
        self.held[held.request_id] = held
        held.task.add_done_callback(lambda _: self.let_go(held.request_id, held.attempt))
        self._begin("beat", self._beat)

    def let_go(self, request_id: UUID, attempt: int) -> None:
        """It is settled, or at its end."""
        held = self.held.get(request_id)
        if held and held.attempt == attempt:
            del self.held[request_id]

    def take_over(self, resume: Resume) -> None:
        """From now on also look for the runs of dead processes, and `resume` them here."""
        self._resume = resume
        self._begin("look", self._look_around)

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _begin(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        if name not in self._tasks or self._tasks[name].done():
            self._tasks[name] = asyncio.create_task(self._again_and_again(work))

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                await work()
            except Exception:
                logger.exception("The running answers could not be looked after")

    async def _beat(self) -> None:
        holds = list(self.held.values())
        alive = await _beats(keep, holds) if holds else {}
        for held in holds:
            held.missed = 0 if held.request_id in alive else held.missed + 1
            if alive.get(held.request_id):
                held.emit.stop()
            if held.missed == GONE and self.held.get(held.request_id) is held:
                logger.warning("Run %s is somebody else's now, or deleted", held.request_id)
                held.task.cancel()

    async def _look_around(self) -> None:
        for message in await _looks(claim_orphans, list(self.held)):
            logger.warning("Run %s is taken over, attempt %s", message.request_id, message.attempts)
            try:
                await self._resume(message) if self._resume else None
            except Exception:  # it is claimed again by whoever comes first; the others are not to wait for that
                logger.exception("Run %s could not be resumed", message.request_id)


def keep(holds: Iterable[Held]) -> dict[UUID, bool]:
    """Give a sign of life for each and store its text. Returns those that still are ours, and whether to stop them."""
    rows = [(held.request_id, held.attempt, held.emit.text_so_far.replace("\0", "")) for held in holds]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [list(column) for column in zip(*rows, strict=True)])
        return dict(cursor.fetchall())


def claim_orphans(mine: Iterable[UUID]) -> list[Message]:
    """Make the runs of dead processes ours, each by one process only. What can't be tried again is closed."""
    claimed = []
    with transaction.atomic():
        dead = silent_for(DEAD_AFTER).exclude(pk__in=list(mine)).select_related("conversation__user")
        for message in dead[:TAKEN_AT_ONCE]:
            if message.attempts >= MAX_ATTEMPTS or message.stopped:
                end(message, INTERRUPTED)
            else:
                message.attempts += 1
                Message.objects.filter(pk=message.pk).update(attempts=message.attempts, beat_at=Now())
                claimed.append(message)
    return claimed


def silent_for(period: timedelta) -> MessageQuerySet:
    """Runs without a sign of life for that long, by the database's clock; locked, but for those that others look at."""
    silent = Message.objects.running().filter(beat_at__lt=Now() - period)
    return silent.select_for_update(skip_locked=True, of=("self",))


def close_as_broken(request_id: UUID, reason: str, *, attempt: int) -> bool:
    """End a message whose run is gone, unless it ended by itself or has come to a later attempt."""
    with transaction.atomic():
        mine = Message.objects.running().filter(pk=request_id, attempts=attempt)
        message = mine.select_for_update().first()
        if message:
            end(message, reason)
        return message is not None


def end(message: Message, reason: str) -> None:
    """
    What there was of the answer stays, above the reason. What was spent on it is on record; in a transaction.

    The policy that is named there is the person's of now: nobody knows more of a run whose process died.
    """
    spent = spent_on(message.request_id)
    message.state, message.status = Message.State.FAILED, Message.Status.ERROR
    message.answer = "\n\n".join(filter(None, [message.answer, reason]))
    message.input_tokens, message.output_tokens = spent.input_tokens, spent.output_tokens
    message.cost_usd = spent.cost_usd
    message.finished_at = timezone.now()
    message.save(update_fields=[*ENDED])
    person = message.conversation.user
    record_answer(audited(message, user_id=person.pk, policy=policy_for(frozenset(Audience.of(person).group_ids))))


_keepers = PerLoop(Keeper, Keeper.close)


def keeper() -> Keeper:
    """The running loop's."""
    return _keepers.get()
