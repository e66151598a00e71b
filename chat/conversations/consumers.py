"""The chat's websocket: JSON in, HTML fragments out. No answer depends on it: it only shows them."""

import asyncio
import json
import logging
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.template.loader import render_to_string

from askacme.lib.errors import AskAcmeError, InvalidInput, QuestionTooLong
from askacme.lib.threads import in_thread
from chat.conversations.live import LiveAnswer, batched
from chat.conversations.models import Message
from chat.conversations.services import may_open
from chat.conversations.sidebar import sidebar_of
from chat.conversations.turns import Turn, latest_turn, turn_of
from chat.runs.events import follow
from chat.runs.services import ask, group_name, stop
from governance.access.models import User

logger = logging.getLogger(__name__)

SIGNED_OUT = 4401
NOT_FOUND = 4404
MAX_FRAME_CHARS = 64 * 1024
GATHER_S = 0.05
INTERRUPTED = "The answer was interrupted."
DELETED = "This conversation was deleted."
UNEXPECTED = "Something went wrong on our side. Reload the page and try again."


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One browser tab that looks at one conversation."""

    user: User
    conversation_id: UUID

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._following: dict[UUID, asyncio.Task[None]] = {}
        self._group = ""

    async def connect(self) -> None:
        self.user = self.scope["user"]
        self.conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        # Accepted first: a refused handshake has no close code, and browsers would try again for ever.
        await self.accept()
        if not self.user.is_authenticated:
            await self.close(SIGNED_OUT)
        elif not await in_thread(may_open, self.user, self.conversation_id):
            await self.close(NOT_FOUND)
        else:
            self._group = group_name(self.conversation_id)
            await self.channel_layer.group_add(self._group, self.channel_name)
            await self._show_latest()

    async def disconnect(self, code: int) -> None:
        if self._group:
            await self.channel_layer.group_discard(self._group, self.channel_name)
        tasks = list(self._following.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._group:
            return
        try:
            await self._act_on(parse(text_data))
        except AskAcmeError as error:
            await self._complain(str(error))
        except Exception:
            logger.exception("A frame of conversation %s failed", self.conversation_id)
            await self._complain(UNEXPECTED)

    async def run_started(self, event: dict[str, str]) -> None:
        """A question of this conversation was taken in, by this tab or another."""
        self._begin(UUID(event["request_id"]), is_new=True)

    async def _act_on(self, frame: dict[str, Any]) -> None:
        if request_id := frame.get("stop"):
            await stop(user=self.user, request_id=as_uuid(request_id))
        elif isinstance(question := frame.get("question"), str):
            await ask(user=self.user, question=question, conversation_id=self.conversation_id)
            await self._send("accepted")
        else:
            raise InvalidInput("This page sent something that could not be understood. Reload it and try again.")

    async def _show_latest(self) -> None:
        """Bring a page up to date that was loaded, or lost its connection, a while ago."""
        try:
            turn = await in_thread(latest_turn, self.conversation_id, self.user)
            if turn and turn.message.state == Message.State.RUNNING:
                self._begin(turn.message.request_id, is_new=False)
            elif turn:
                await self._send("joined", turn=turn)
        except Exception:
            logger.exception("Conversation %s could not be shown", self.conversation_id)
            await self._complain(UNEXPECTED)

    def _begin(self, request_id: UUID, *, is_new: bool) -> None:
        if request_id not in self._following:
            self._following[request_id] = asyncio.create_task(self._follow(request_id, is_new=is_new))

    async def _follow(self, request_id: UUID, *, is_new: bool) -> None:
        try:
            turn = await in_thread(turn_of, request_id, self.user)
            if turn:
                seq = await self._stream(turn, is_new=is_new)
                await self._conclude(request_id, seq)
        except Exception:
            logger.exception("Request %s could not be followed", request_id)
            await self._send("broken", request_id=request_id, text=UNEXPECTED)
        finally:
            self._following.pop(request_id, None)

    async def _stream(self, turn: Turn, *, is_new: bool) -> int:
        """Send the answer while it is written; returns the last event's number."""
        request_id, seq = turn.message.request_id, 0
        if is_new:
            groups = await in_thread(sidebar_of, self.user)
            await self._send("started", turn=turn, groups=groups, current_id=self.conversation_id)
        live, is_first = LiveAnswer(request_id), not is_new
        async with aclosing(batched(follow(request_id), gather_s=GATHER_S if is_first else 0)) as batches:
            async for events in batches:
                step, seq = live.take(events), events[-1].seq
                if is_first:
                    await self._send("joined", turn=replace(turn, seq=seq, step=step))
                elif not events[-1].is_last:
                    await self._send("step", step=step)
                is_first = False
        return seq

    async def _conclude(self, request_id: UUID, seq: int) -> None:
        """Send the answer once more, whole, as it is stored."""
        turn = await in_thread(turn_of, request_id, self.user)
        if turn is None:
            await self._send("broken", request_id=request_id, text=DELETED)
            return
        failure = INTERRUPTED if turn.message.state == Message.State.RUNNING else ""
        await self._send("finished", turn=replace(turn, seq=seq, failure=failure))

    async def _complain(self, text: str) -> None:
        await self._send("complaint", text=text)

    async def _send(self, partial: str, **context: object) -> None:
        await self.send(text_data=render_to_string(f"chat/frames.html#{partial}", context))


def parse(text: str | None) -> dict[str, Any]:
    """Raises InvalidInput for whatever is not a JSON object, and QuestionTooLong for more than any question needs."""
    if text is not None and len(text) > MAX_FRAME_CHARS:
        raise QuestionTooLong("Your question is far too long. Please shorten it.")
    try:
        frame = json.loads(text or "")
    except (ValueError, RecursionError):
        frame = None
    if not isinstance(frame, dict):
        raise InvalidInput("This page sent something that could not be understood. Reload it and try again.")
    return frame


def as_uuid(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise InvalidInput("There is no such answer.") from None
