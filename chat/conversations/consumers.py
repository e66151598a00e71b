"""The chat's websocket: JSON in, HTML fragments out. No answer depends on it: it only shows them."""

import asyncio
import json
import logging
import time
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from askacme.lib.errors import AskAcmeError, InvalidInput, QuestionTooLong
from askacme.lib.language import language_of_socket
from askacme.lib.threads import in_thread
from chat.conversations import presence
from chat.conversations.live import LiveAnswer, batched, in_clear
from chat.conversations.models import Message
from chat.conversations.services import may_open
from chat.conversations.sidebar import sidebar_of
from chat.conversations.turns import Turn, latest_turn, thread_of, turn_of
from chat.conversations.unveil import Hidden
from chat.escalation.unread import unread_elsewhere
from chat.runs.follow import follow
from chat.runs.services import ask, ask_instead, group_name, regenerate, stop
from governance.access.models import User
from governance.access.sockets import user_of
from governance.guardrails.pii import PLACEHOLDER

logger = logging.getLogger(__name__)

SIGNED_OUT = 4401
NOT_FOUND = 4404
KNOWN_FOR_S = presence.EVERY_S - 5
MAX_FRAME_CHARS = 64 * 1024
GATHER_S = 0.05
INTERRUPTED = _("The answer was interrupted.")
DELETED = _("This conversation was deleted.")
UNEXPECTED = _("Something went wrong on our side. Reload the page and try again.")


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One browser tab that looks at one conversation."""

    user: User
    conversation_id: UUID

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._following: dict[UUID, asyncio.Task[None]] = {}
        self._begun: set[UUID] = set()
        self._staying: asyncio.Task[None] | None = None
        self._known_until = 0.0
        self._group = ""

    async def connect(self) -> None:
        self.user = self.scope["user"]
        self.conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        translation.activate(language_of_socket(self.scope))  # of this task, and of those that it starts
        # Accepted first: a refused handshake has no close code, and browsers would try again for ever.
        await self.accept()
        if not self.user.is_authenticated:
            await self.close(SIGNED_OUT)
        elif not await in_thread(may_open, self.user, self.conversation_id):
            await self.close(NOT_FOUND)
        else:
            self._group = group_name(self.conversation_id)
            self._known_until = time.monotonic() + KNOWN_FOR_S
            here = self.channel_layer, self._group, self.channel_name
            await presence.join(*here)
            staying = presence.stay(
                *here, self.conversation_id, is_temporary=self.is_temporary, may_stay=self._may_stay
            )
            self._staying = asyncio.create_task(staying)
            await self._show_latest()

    async def disconnect(self, code: int) -> None:
        tasks = [*self._following.values(), *([self._staying] if self._staying else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._group:
            await presence.part(self.channel_layer, self._group, self.channel_name)
        if self._group and self.is_temporary:
            presence.leave(self.conversation_id)

    @property
    def is_temporary(self) -> bool:
        return parse_qs(self.scope["query_string"]).get(b"temporary") == [b"1"]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._group:
            return
        try:
            if await self._is_still_signed_in():
                await self._act_on(parse(text_data))
            else:
                await self.close(SIGNED_OUT)
        except AskAcmeError as error:
            await self._complain(str(error))
        except Exception:
            logger.exception("A frame of conversation %s failed", self.conversation_id)
            await self._complain(str(UNEXPECTED))

    async def run_started(self, event: dict[str, str]) -> None:
        """A question of this conversation was taken in, by this tab or another."""
        self._begin(UUID(event["request_id"]), is_new=True)

    async def turn_changed(self, event: dict[str, str]) -> None:
        """Something came to an answer that is there: a colleague's reply, say."""
        try:
            thread = await in_thread(thread_of, self.conversation_id, self.user)
            shown = {turn.message.pk: turn for turn in thread}
            turn = shown.get(UUID(event["request_id"]))
            if turn is None:
                unread = await in_thread(unread_elsewhere, self.user, self.conversation_id, shown.keys())
                await self._send("elsewhere", unread=unread)
            elif turn.state != Message.State.RUNNING:
                await self._send("changed", turn=turn)
        except Exception:  # it shows when the page is loaded again; the socket goes on
            logger.exception("A change of conversation %s could not be shown", self.conversation_id)

    async def conversation_deleted(self, event: dict[str, str]) -> None:
        await self.close(NOT_FOUND)

    async def _is_still_signed_in(self) -> bool:
        """A tab stays open for days: who signed out elsewhere, or was deactivated, asks nothing more."""
        if time.monotonic() > self._known_until and "cookies" in self.scope:
            user = await in_thread(user_of, self.scope["cookies"])
            if not isinstance(user, User):
                return False
            self.user = user
            self._known_until = time.monotonic() + KNOWN_FOR_S
        return True

    async def _may_stay(self) -> bool:
        """Ends the connection of a tab that may not. While the database can't say, it stays."""
        try:
            may_stay = await self._is_still_signed_in()
        except DatabaseError as error:
            logger.warning("Nobody can say who looks at conversation %s (%r)", self.conversation_id, error)
            return True
        if not may_stay:
            await self.close(SIGNED_OUT)
        return may_stay

    async def _act_on(self, frame: dict[str, Any]) -> None:
        if request_id := frame.get("stop"):
            await stop(user=self.user, request_id=as_uuid(request_id))
        else:
            message = await self._ask(frame)
            await self._send("accepted")
            is_known = is_plain(frame) and not PLACEHOLDER.search(message.question)
            self._begin(message.request_id, is_new=True, turn=Turn(message) if is_known else None)

    async def _ask(self, frame: dict[str, Any]) -> Message:
        if again := frame.get("regenerate"):
            return await regenerate(user=self.user, conversation_id=self.conversation_id, request_id=as_uuid(again))
        if not isinstance(question := frame.get("question"), str):
            raise InvalidInput(_("This page sent something that could not be understood. Reload it and try again."))
        if edited := frame.get("edit"):
            return await ask_instead(
                user=self.user, conversation_id=self.conversation_id, request_id=as_uuid(edited), question=question
            )
        return await ask(
            user=self.user, question=question, conversation_id=self.conversation_id, temporary=self.is_temporary
        )

    async def _show_latest(self) -> None:
        """Bring a page up to date that was loaded, or lost its connection, a while ago."""
        try:
            turn = await in_thread(latest_turn, self.conversation_id, self.user)
            if turn and turn.message.state == Message.State.RUNNING:
                self._begin(turn.message.request_id)
            elif turn:
                await self._send("joined", turn=turn)
        except Exception:
            logger.exception("Conversation %s could not be shown", self.conversation_id)
            await self._complain(str(UNEXPECTED))

    def _begin(self, request_id: UUID, *, is_new: bool = False, turn: Turn | None = None) -> None:
        """Show a run, once: the tab that asked hears of it twice. A `turn` that is at hand needs not be asked for."""
        if request_id not in self._begun:
            self._begun.add(request_id)
            self._following[request_id] = asyncio.create_task(self._show(request_id, is_new=is_new, turn=turn))

    async def _show(self, request_id: UUID, *, is_new: bool, turn: Turn | None) -> None:
        try:
            turn = turn or await in_thread(turn_of, request_id, self.user)
            if turn:
                if is_new:
                    await self._send("started", turn=turn)
                seq = await self._stream(turn, is_shown=is_new)
                await self._conclude(request_id, seq)
        except Exception:
            logger.exception("Request %s could not be followed", request_id)
            await self._send("broken", request_id=request_id, text=UNEXPECTED)
        finally:
            self._following.pop(request_id, None)

    async def _stream(self, turn: Turn, *, is_shown: bool) -> int:
        """Send the answer while it is written; returns the last event's number."""
        request_id, seq = turn.message.request_id, 0
        live, is_listed = LiveAnswer(request_id), not is_shown or turn.message.parent_id is not None
        hidden = Hidden(request_id, turn.values)
        async with aclosing(batched(follow(request_id), gather_s=0 if is_shown else GATHER_S)) as batches:
            async for events in batches:
                step, seq = await in_clear(live.take(events), hidden), events[-1].seq
                if not is_shown:
                    await self._send("joined", turn=replace(turn, seq=seq, step=step))
                elif not events[-1].is_last:
                    await self._send("step", step=step)
                is_shown = True
                if not is_listed and (step.open or step.closed):
                    await self._send_list()
                    is_listed = True
        if not is_listed:
            await self._send_list()
        return seq

    async def _conclude(self, request_id: UUID, seq: int) -> None:
        """Send the answer once more, whole, as it is stored."""
        turn = await in_thread(turn_of, request_id, self.user)
        if turn is None:
            await self._send("broken", request_id=request_id, text=DELETED)
            return
        failure = str(INTERRUPTED) if turn.message.state == Message.State.RUNNING else ""
        await self._send("finished", turn=replace(turn, seq=seq, failure=failure))

    async def _complain(self, text: str) -> None:
        await self._send("complaint", text=text)

    async def _send_list(self) -> None:
        """A conversation that just began is in the list now. After its first words: those are waited for."""
        groups = await in_thread(sidebar_of, self.user)
        await self._send("list", groups=groups, current_id=self.conversation_id)

    async def _send(self, partial: str, **context: object) -> None:
        await self.send(text_data=render_to_string(f"chat/frames.html#{partial}", context))


def parse(text: str | None) -> dict[str, Any]:
    """Raises InvalidInput for whatever is not a JSON object, and QuestionTooLong for more than any question needs."""
    if text is not None and len(text) > MAX_FRAME_CHARS:
        raise QuestionTooLong(_("Your question is far too long. Please shorten it."))
    try:
        frame = json.loads(text or "")
    except (ValueError, RecursionError):
        frame = None
    if not isinstance(frame, dict):
        raise InvalidInput(_("This page sent something that could not be understood. Reload it and try again."))
    return frame


def is_plain(frame: dict[str, Any]) -> bool:
    """Whether a question goes behind the last one, not in the place of another."""
    return not frame.get("edit") and not frame.get("regenerate")


def as_uuid(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise InvalidInput("There is no such answer.") from None
