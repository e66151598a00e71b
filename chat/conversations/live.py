"""An answer that is being written: its events, turned into steps of HTML."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from chat.conversations.render import BlockStream, Cites
from chat.conversations.unveil import Hidden
from chat.proof.marks import mark_html, marks_in
from chat.proof.values import Sentence
from chat.runs.events import Event
from governance.guardrails.pii.shown import shown

STAGES = {
    "looking_up": _("Looking it up…"),
    "queued": _("Waiting for a free place: number {place} in line…"),
    "searching": _("Searching your documents…"),
    "writing": _("Writing…"),
}
FIRST_STAGE = STAGES["searching"]


@dataclass(frozen=True, slots=True)
class Step:
    """What came to an answer: blocks that are final now, the block still open, and how far along it is."""

    request_id: UUID
    seq: int = 0
    stage: StrOrPromise = FIRST_STAGE
    closed: str = ""
    open: str = ""
    is_fresh: bool = False
    """Whatever was shown before is to go: `closed` and `open` are the answer so far."""
    proofs: tuple[SafeString, ...] = ()
    """Elements that take the place of their like in the blocks that were closed before."""


class LiveAnswer:
    """Follows one run. The steps' `closed` parts, one after the other, are the answer up to the open block."""

    def __init__(self, request_id: UUID) -> None:
        self._request_id = request_id
        self._proofs: dict[int, Sentence] = {}
        self._closed_marks: set[int] = set()
        self._blocks = self._no_blocks()
        self._stage: StrOrPromise = FIRST_STAGE

    def take(self, events: Sequence[Event]) -> Step:
        """One step for all of these events."""
        is_fresh, events = since_reset(events)
        if is_fresh:
            self._proofs.clear()
            self._closed_marks.clear()
            self._blocks = self._no_blocks()
        text = "".join(event.data["text"] for event in events if event.type in {"delta", "reset"})
        for event in events:
            if event.type == "status":
                self._stage = STAGES.get(event.data["stage"], self._stage).format_map(event.data)
        proofs = self._late_proofs(events)
        closed = self._blocks.feed(text)
        self._closed_marks |= marks_in(closed)
        return Step(self._request_id, events[-1].seq, self._stage, closed, self._blocks.open_html(), is_fresh, proofs)

    def _no_blocks(self) -> BlockStream:
        return BlockStream(Cites(self._request_id, proofs=self._proofs))

    def _late_proofs(self, events: Sequence[Event]) -> tuple[SafeString, ...]:
        """Take the verdicts in; marks for those on sentences of blocks that are closed already."""
        told = [Sentence.from_json(event.data) for event in events if event.type == "proof"]
        self._proofs |= {sentence.index: sentence for sentence in told}
        return tuple(
            mark_html(self._request_id, sentence.index, sentence, attributes=' hx-swap-oob="true"')
            for sentence in told
            if sentence.index in self._closed_marks
        )


async def in_clear(step: Step, hidden: Hidden) -> Step:
    """The step for the person who asked: what a model knows by its placeholder, they know."""
    values = await hidden.values_in(step.closed + step.open)
    return replace(step, closed=shown(step.closed, values), open=shown(step.open, values))


def since_reset(events: Sequence[Event]) -> tuple[bool, Sequence[Event]]:
    """Whether the text begins anew among the events, and the events from there on."""
    resets = [place for place, event in enumerate(events) if event.type == "reset"]
    return bool(resets), events[resets[-1] :] if resets else events


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
