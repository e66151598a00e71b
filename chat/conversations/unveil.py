"""
An answer for the person who asked, with the values behind its placeholders.

Events, rows and models only know placeholders; this is where the asker's own page, stream and JSON leave them behind.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from askacme.lib.threads import in_thread
from chat.conversations.models import Message
from chat.conversations.schema import AnswerOut, place
from chat.runs.events import Event
from governance.guardrails.pii import PLACEHOLDER, restore
from governance.guardrails.pii.vault import values_of

UNFINISHED = re.compile(r"\[[A-Z_]{0,32}[0-9a-f]{0,16}$")
"""What may become a placeholder with the next words."""


class Hidden:
    """The values behind an answer's placeholders, looked up when the first unknown one comes by."""

    def __init__(self, request_id: UUID, values: Mapping[str, str] | None = None) -> None:
        self.values = dict(values or {})
        self._request_id = request_id
        self._gone: set[str] = set()

    async def values_in(self, text: str) -> Mapping[str, str]:
        """Those known, with what this text needs."""
        wanted = {match[0] for match in PLACEHOLDER.finditer(text)} - self.values.keys() - self._gone
        if wanted:
            self.values |= await in_thread(values_of_answer, self._request_id)
            self._gone |= wanted - self.values.keys()
        return self.values


def values_of_answer(request_id: UUID) -> Mapping[str, str]:
    found = Message.objects.filter(pk=request_id).values_list("conversation_id", flat=True).first()
    return values_of(str(found)) if found else {}


async def unveiled(events: AsyncIterator[Event], hidden: Hidden) -> AsyncGenerator[Event]:
    """
    The events for who asked. A delta that ends within what may be a placeholder waits for the next event.

    It waits whole, so that whoever comes back after the event before it misses nothing.
    """
    text, waiting = "", None
    async for event in events:
        if waiting and event.type == "delta":
            event = joined(waiting, event)  # noqa: PLW2901
        elif waiting:
            text += waiting.data["text"]
            yield await in_clear(waiting, hidden, text)
        waiting = event if event.type == "delta" and UNFINISHED.search(event.data["text"]) else None
        if not waiting:
            text = event.data["text"] if event.type == "reset" else text + event.data.get("text", "")
            yield await in_clear(event, hidden, text)
    if waiting:
        yield await in_clear(waiting, hidden, text)


def joined(waiting: Event, event: Event) -> Event:
    return replace(event, data={**event.data, "text": waiting.data["text"] + event.data["text"]})


async def in_clear(event: Event, hidden: Hidden, text: str) -> Event:
    """One whole event; `text` is what was told before, placeholders and all: sentences move within it."""
    match event.type:
        case "delta" | "reset":
            values = await hidden.values_in(event.data["text"])
            return replace(event, data={**event.data, "text": restore(event.data["text"], values)})
        case "proof" if hidden.values:
            moved = {end: place(text, event.data[end], hidden.values) for end in ("start", "end")}
            return replace(event, data={**event.data, **moved})
        case "done":
            return replace(event, data=await clear_answer(event.data, hidden))
    return event


async def clear_answer(told: dict[str, Any], hidden: Hidden) -> dict[str, Any]:
    values = await hidden.values_in(f"{told['question']}\n{told['answer']}")
    return AnswerOut.model_validate(told).unveiled(values).model_dump(mode="json") if values else told
