"""People at their browsers, and everything that their pages complain about meanwhile."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, WebSocket, expect

from tests.browser.company import Company, is_loopback
from tests.browser.founding import PASSWORD

TIMEOUT_MS = 30_000
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
TELL_OF_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} forbids ${event.blockedURI} (${event.sourceFile})`))"""


@contextmanager
def running_chromium(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "The browser tests need Chromium: apt-get install chromium"
    expect.set_options(timeout=TIMEOUT_MS)
    browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, "--disable-sync"])
    try:
        yield browser
    finally:
        browser.close()


class Visitors:
    """Opens browsers for people and listens to what goes wrong in all of them."""

    def __init__(self, browser: Browser, company: Company) -> None:
        self.company = company
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def signed_in(self, email: str, *, at: str = "", **options: Any) -> Page:
        """The person's empty chat. They type their password once; later browsers of theirs remember them."""
        if email not in self.company.sessions:
            return self.sign_in(email, at=at, **options)
        page = self.stranger(storage_state=self.company.sessions[email], **options)
        page.goto(f"{at or self.company.url}/")
        return page

    def sign_in(self, email: str, *, at: str = "", **options: Any) -> Page:
        page = self.stranger(**options)
        page.goto(f"{at or self.company.url}/sign-in/")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        expect(page.get_by_label("Your question")).to_be_visible()
        self.company.sessions[email] = page.context.storage_state()
        return page

    def stranger(self, **options: Any) -> Page:
        """An empty tab of someone who has not signed in."""
        context = self._browser.new_context(reduced_motion="reduce", **options)
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(TELL_OF_VIOLATIONS)
        self._listen_to(context)
        self._contexts.append(context)
        return context.new_page()

    def screenshots(self) -> list[str]:
        """What each open page shows now, as files in a temporary folder."""
        folder = Path(tempfile.mkdtemp(prefix="askacme-browser-"))
        shown = []
        for number, page in enumerate(page for context in self._contexts for page in context.pages):
            file = folder / f"{number}.png"
            page.screenshot(path=file, timeout=5000)
            shown.append(f"{page.url}: {file}")
        return shown

    def leave(self) -> None:
        for context in self._contexts:
            context.close()

    def _listen_to(self, context: BrowserContext) -> None:
        context.on(
            "console", lambda said: self._note(said.type == "error", f"{said.page and said.page.url}: {said.text}")
        )
        context.on("weberror", lambda error: self._note(True, f"{error.page and error.page.url}: {error.error}"))
        context.on("request", lambda request: self._note(leaves(request.url), f"asked for {request.url}"))
        context.on("page", lambda page: page.on("websocket", self._listen_to_socket))

    def _listen_to_socket(self, socket: WebSocket) -> None:
        self._note(leaves(socket.url), f"opened {socket.url}")

    def _note(self, is_wrong: bool, words: str) -> None:
        if is_wrong:
            self.complaints.append(words)


def leaves(url: str) -> bool:
    """Whether a request to this address leaves the machine."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and not is_loopback(parts.hostname)


def ask(page: Page, question: str) -> Locator:
    """Ask in the chat; the answer that then appears, whatever its state."""
    answers = page.locator("article.answer")
    before = answers.count()
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    expect(answers).to_have_count(before + 1)
    return answers.last


def expect_state(answer: Locator, state: str) -> None:
    expect(answer).to_have_attribute("data-state", state)
