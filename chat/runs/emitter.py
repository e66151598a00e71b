"""Telling an answer while it is made: deltas in small batches, the first at once."""

import asyncio
from uuid import UUID

from chat.proof.values import Sentence
from chat.runs.tail import close_tail, open_tail

BATCH_S = 0.08
BATCH_PER_RUN_S = 0.003
"""With a hundred answers at once each is told three times a second: more would only make all of them late."""
MOST_BATCH_S = 1.5

_telling: set["RunEmitter"] = set()
"""The answers of this process that have begun to be told, not those that wait in line."""


class RunEmitter:
    """Tells one attempt at a run, and hears of the wish to stop it."""

    def __init__(self, request_id: UUID, attempt: int = 1) -> None:
        self.text_so_far = ""
        self.tail = open_tail(request_id, attempt)
        self._request_id = request_id
        self._pending: list[str] = []
        self._flusher: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._place = 0
        if attempt > 1:
            self.tail.append("reset", {"text": ""})

    async def status(self, stage: str) -> None:
        self.tail.append("status", {"stage": stage})

    async def queued(self, place: int) -> None:
        """Tell where in the line the run stands, each time that it has moved."""
        if place != self._place:
            self._place = place
            self.tail.append("status", {"stage": "queued", "place": place})

    async def text(self, piece: str) -> None:
        is_first = not self.text_so_far
        self.text_so_far += piece
        self._pending.append(piece)
        if is_first:
            _telling.add(self)
            self.flush()
        elif self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_soon())

    async def proof(self, sentence: Sentence) -> None:
        self.flush()
        told = sentence.as_json()
        self.tail.append("proof", {"sentence": told.pop("index"), **told})

    async def withdraw(self) -> None:
        """Take back all that was told: whoever shows it begins anew, with nothing."""
        self._pending, self.text_so_far = [], ""
        self.tail.append("reset", {"text": ""})

    def flush(self) -> None:
        if text := "".join(self._pending):
            self._pending = []
            self.tail.append("delta", {"text": text})

    def close(self) -> None:
        """Nothing more will be told."""
        _telling.discard(self)
        if self._flusher:
            self._flusher.cancel()
        self.flush()
        close_tail(self._request_id, self.tail)

    def stop(self) -> None:
        self._stop.set()

    @property
    def is_stop_wanted(self) -> bool:
        return self._stop.is_set()

    async def wait_for_stop(self) -> None:
        await self._stop.wait()

    async def _flush_soon(self) -> None:
        await asyncio.sleep(min(MOST_BATCH_S, BATCH_S + BATCH_PER_RUN_S * (len(_telling) - 1)))
        self.flush()
