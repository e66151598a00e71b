"""Telling an answer while it is made: deltas in small batches, the first at once."""

import asyncio
import logging
from uuid import UUID

from redis.exceptions import RedisError

from chat.runs import heartbeat
from chat.runs.events import EventWriter

logger = logging.getLogger(__name__)

BATCH_S = 0.05


class RunEmitter:
    """Writes one run's events, keeps its heartbeat, and listens for the wish to stop."""

    def __init__(self, request_id: UUID) -> None:
        self.writer = EventWriter(request_id)
        self._request_id = request_id
        self._pending: list[str] = []
        self._flusher: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._wrote_text = False
        self._place = 0
        self._lock = asyncio.Lock()

    async def status(self, stage: str) -> None:
        await self.writer.write("status", {"stage": stage})

    async def queued(self, place: int) -> None:
        """Tell where in the line the run stands, each time that it has moved."""
        if place != self._place:
            self._place = place
            await self.writer.write("status", {"stage": "queued", "place": place})

    async def text(self, piece: str) -> None:
        self._pending.append(piece)
        if not self._wrote_text:
            self._wrote_text = True
            await self.flush()
        elif self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_soon())

    async def flush(self) -> None:
        async with self._lock:
            pending, self._pending = self._pending, []
            try:
                if text := "".join(pending):
                    await self.writer.write("delta", {"text": text})
            except RedisError:
                self._pending = pending + self._pending  # nothing is lost: the next one takes it along
                raise

    async def close(self) -> None:
        """Write what is left."""
        if self._flusher:
            await self._flusher
        await self.flush()

    async def watch(self) -> None:
        """Keep the run alive and notice the wish to stop, also past a hiccup of Redis; runs until cancelled."""
        beats = 0
        while True:
            try:
                if beats % (heartbeat.BEAT_S * 5) == 0:
                    await heartbeat.beat(self._request_id)
                if await heartbeat.is_stop_wanted(self._request_id):
                    self._stop.set()
            except RedisError as error:
                logger.warning("Run %s: no heartbeat (%s)", self._request_id, error)
            beats += 1
            await asyncio.sleep(0.2)

    @property
    def is_stop_wanted(self) -> bool:
        return self._stop.is_set()

    async def wait_for_stop(self) -> None:
        await self._stop.wait()

    async def _flush_soon(self) -> None:
        await asyncio.sleep(BATCH_S)
        await self.flush()
