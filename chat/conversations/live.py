"""An answer that is being written: its events, turned into steps of HTML."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from chat.conversations.render import BlockStream, Cites
from chat.runs.events import Event

STAGES = {
    "looking_up": "Looking it up…",
    "queued": "Waiting for a free place: number {place} in line…",
    "searching": "Searching your documents…",
    "writing": "Writing…",
}
FIRST_STAGE = STAGES["searching"]


@dataclass(frozen=True, slots=True)
class Step:
    """What came to an answer: blocks that are final now, the block still open, and how far along it is."""

    request_id: UUID
    seq: int = 0
    stage: str = FIRST_STAGE
    closed: str = ""
    open: str = ""


class LiveAnswer:
    """Follows one run. The steps' `closed` parts, one after the other, are the answer up to the open block."""

    def __init__(self, request_id: UUID) -> None:
        self._request_id = request_id
        self._blocks = BlockStream(Cites(request_id))
        self._stage = FIRST_STAGE

    def take(self, events: Sequence[Event]) -> Step:
        """One step for all of these events."""
        text = "".join(event.data["text"] for event in events if event.type == "delta")
        for event in events:
            if event.type == "status":
                self._stage = STAGES.get(event.data["stage"], self._stage).format_map(event.data)
        closed = self._blocks.feed(text)
        return Step(self._request_id, events[-1].seq, self._stage, closed, self._blocks.open_html())


async def batched(events: AsyncIterator[Event], *, gather_s: float = 0) -> AsyncGenerator[list[Event], None]:
    """
    The events in lists: each holds all that arrived while the list before it was dealt with.

    With `gather_s` the first list waits that long, so that what is already there comes in one piece.
    """
    arrived: asyncio.Queue[Event | None] = asyncio.Queue()

    async def read() -> None:
        try:
            async for event in events:
                arrived.put_nowait(event)
        finally:
            arrived.put_nowait(None)

    reader = asyncio.create_task(read())
    try:
        ended = False
        while not ended:
            batch = [await arrived.get()]
            await asyncio.sleep(gather_s)
            gather_s = 0
            while not arrived.empty():
                batch.append(arrived.get_nowait())
            ended = batch[-1] is None
            if known := [event for event in batch if event]:
                yield known
        await reader
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
