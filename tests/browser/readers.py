"""A page that is read by a program: it applies the frames of the chat's websocket as htmx would."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp
from lxml import html

from tests.browser.founding import PASSWORD

PATIENCE_S = 30.0
TRY_AGAIN = {1006, 1011, 1012}
"""Codes on which the page connects again by itself."""
SWAP = "hx-swap-oob"


class Reader:
    """One person's sign-in at one web process, and the tabs they open."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._tabs: list[ReadTab] = []

    async def sign_in(self, email: str) -> None:
        page = await (await self._session.get(f"{self._url}/sign-in/")).text()
        token = html.fromstring(page).xpath("string(//*[@name='csrfmiddlewaretoken']/@value)")
        form = {"username": email, "password": PASSWORD, "csrfmiddlewaretoken": token}
        answered = await self._session.post(f"{self._url}/sign-in/", data=form, headers={"Referer": self._url})
        assert answered.status == 200, await answered.text()

    async def tab(self, conversation_id: UUID | None = None, *, at: str = "") -> "ReadTab":
        """Opened at the person's own web process, or at another of the same company."""
        tab = ReadTab(self._session, at or self._url, conversation_id or uuid4())
        await tab.connect()
        self._tabs.append(tab)
        return tab

    def leave(self) -> None:
        for tab in self._tabs:
            tab.cut()


class ReadTab:
    """What one tab shows: `texts` holds what stood there after each frame. It keeps it when it reconnects."""

    def __init__(self, session: aiohttp.ClientSession, url: str, conversation_id: UUID) -> None:
        self.conversation_id = conversation_id
        self.texts: list[str] = []
        self.state = ""
        self.status = ""
        self._session = session
        self._url = url
        self._socket: Any = None
        self._closed = ""
        self._open = ""

    async def connect(self, *, at: str = "") -> None:
        url = at or self._url
        self._socket = await self._session.ws_connect(
            f"{url}/ws/chat/{self.conversation_id}/", origin=url, max_msg_size=0
        )

    def cut(self) -> None:
        """As a network does that goes away: without a word."""
        response = self._socket._response  # noqa: SLF001 - the socket's own close would be a word
        if response.connection and response.connection.transport:
            response.connection.transport.abort()
        response.close()

    def stop_reading(self) -> None:
        """As a browser does that hangs: what comes stays in the network's buffers."""
        self._socket._response.connection.transport.pause_reading()  # noqa: SLF001 - nothing else reaches so deep

    async def ask(self, question: str) -> None:
        await self._socket.send_json({"question": question})

    async def read(self, frames: int | None = None) -> int:
        """Apply this many frames that tell of the answer, or all until it has ended; returns how many there were."""
        read = 0
        while self.state not in {"done", "failed"} and read != frames:
            message = await self._socket.receive(PATIENCE_S)
            if message.type is aiohttp.WSMsgType.TEXT:
                assert "data-composer-error" not in message.data, message.data
                read += self._apply(message.data)
            else:
                assert self._socket.close_code in TRY_AGAIN, self._socket.close_code
                await self.connect()
        return read

    @property
    def text(self) -> str:
        return " ".join(f"{self._closed} {self._open}".split())

    def _apply(self, frame: str) -> bool:
        before = self.text, self.state
        for part in html.fromstring(f"<div>{frame}</div>").xpath(f".//*[@{SWAP}]"):
            self._swap(part, part.get(SWAP))
        if (self.text, self.state) == before:
            return False
        self.texts.append(self.text)
        return True

    def _swap(self, part: Any, how: str) -> None:
        swap, _, target = how.partition(":")
        if target.startswith("#closed-"):
            self._closed = ("" if swap == "innerHTML" else self._closed) + words(part)
        elif target.startswith("#open-"):
            self._open = words(part)
        elif answers := part.xpath("descendant-or-self::article[@data-state]"):
            self.state, self.status = answers[0].get("data-state"), answers[0].get("data-status", "")
            closed, *rest = [words(piece) for piece in answers[0].find_class("prose")] or [""]
            self._closed, self._open = closed, " ".join(rest)


def words(element: Any) -> str:
    """What a person reads, without the signs of proof that come and go."""
    parts = element.xpath(".//text()[not(ancestor::*[contains(concat(' ', @class, ' '), ' proof ')])]")
    return " ".join(" ".join(parts).split()) + " "
