"""The way between a page's websocket and its server, in a test's hands."""

import re

from playwright.sync_api import Page, WebSocketRoute

CHAT = re.compile(r"/ws/chat/")
TRY_AGAIN = 1012


class Line:
    """Whole until it is held up or cut. Set it up before the page is loaded."""

    def __init__(self, page: Page) -> None:
        self._is_held = self._is_cut = False
        self._kept: list[str | bytes] = []
        self._page: WebSocketRoute | None = None
        self._server: WebSocketRoute | None = None
        page.route_web_socket(CHAT, self._connect)

    def hold(self) -> None:
        """What the page says from now on waits."""
        self._is_held = True

    def let_go(self) -> None:
        self._is_held = False
        for message in self._kept:
            self._send(message)
        self._kept.clear()

    def cut(self) -> None:
        assert self._page
        self._is_cut = True
        self._page.close(code=TRY_AGAIN)

    def mend(self) -> None:
        self._is_cut = False

    def _connect(self, route: WebSocketRoute) -> None:
        if self._is_cut:
            route.close(code=TRY_AGAIN)
            return
        self._page, self._server = route, route.connect_to_server()
        route.on_message(self._hear)

    def _hear(self, message: str | bytes) -> None:
        if self._is_held:
            self._kept.append(message)
        else:
            self._send(message)

    def _send(self, message: str | bytes) -> None:
        assert self._server
        self._server.send(message)
