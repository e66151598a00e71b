"""The whole page with Tab, Enter, Escape and letters: no mouse, and the focus is never lost."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.founding import BEN, PASSWORD
from tests.browser.visitors import Visitors, expect_state

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "How many weeks of parental leave do I get?"
OTHER = "Who may take parental leave?"
TITLE = "What every parent should know"
TABS = 120
IS_LOST = "() => document.activeElement === document.body"


class Hands:
    """A person without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, place: Locator, *, back: bool = False) -> None:
        """Press Tab until the focus is there."""
        expect(place).to_be_visible()
        for _ in range(TABS):
            if place.evaluate("(element) => element === document.activeElement"):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        pytest.fail(f"Tab does not lead to {place}")

    def press(self, place: Locator, *, back: bool = False) -> None:
        self.go_to(place, back=back)
        self.page.keyboard.press("Enter")

    def type(self, text: str) -> None:
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)


@pytest.fixture
def page(visitors: Visitors) -> Page:
    page = visitors.stranger()
    page.goto(f"{visitors.company.url}/sign-in/")
    return page


@pytest.fixture
def hands(page: Page) -> Hands:
    return Hands(page)


def test_a_whole_visit_by_keyboard(page: Page, hands: Hands) -> None:
    signs_in(page, hands)
    asks(page, hands)
    opens_and_closes_a_source(page, hands)
    rates(page, hands)
    edits(page, hands)
    asks_again(page, hands)
    switches_the_branch(page, hands)
    renames(page, hands)
    searches(page, hands)
    deletes(page, hands)
    hands.press(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def signs_in(page: Page, hands: Hands) -> None:
    hands.go_to(page.get_by_label("E-mail address"))
    page.keyboard.type(BEN)
    hands.go_to(page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()


def answer_of(page: Page) -> Locator:
    answer = page.locator("article.answer").last
    expect_state(answer, "done")
    return answer


def asks(page: Page, hands: Hands) -> None:
    expect(page.get_by_label("Your question")).to_be_editable()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    answer_of(page)
    expect(page.get_by_label("Your question")).to_be_focused()


def opens_and_closes_a_source(page: Page, hands: Hands) -> None:
    mark = answer_of(page).locator("a.cite").first
    hands.press(mark, back=True)
    panel = page.get_by_role("dialog", name="Source")
    expect(panel.get_by_role("button", name="Close the source")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(mark).to_be_focused()


def rates(page: Page, hands: Hands) -> None:
    helpful = answer_of(page).get_by_role("button", name="Helpful", exact=True)
    hands.press(helpful)
    expect(helpful).to_have_attribute("aria-pressed", "true")
    expect(helpful).to_be_focused()


def edits(page: Page, hands: Hands) -> None:
    hands.press(page.get_by_role("button", name="Edit the question"), back=True)
    expect(page.get_by_label("Your question, edited")).to_be_focused()
    hands.type(OTHER)
    hands.press(page.get_by_role("button", name="Ask this instead"))
    expect(page.get_by_text("2 of 2")).to_be_visible()
    answer_of(page)
    assert not page.evaluate(IS_LOST)


def asks_again(page: Page, hands: Hands) -> None:
    hands.press(answer_of(page).get_by_role("button", name="Try again"))
    expect(page.get_by_text("3 of 3")).to_be_visible()
    answer_of(page)
    assert not page.evaluate(IS_LOST)


def switches_the_branch(page: Page, hands: Hands) -> None:
    before = page.get_by_role("button", name="The version before")
    hands.press(before, back=True)
    expect(page.get_by_text("2 of 3")).to_be_visible()
    expect(before).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3")).to_be_visible()
    expect(page.locator("#thread .question")).to_have_text([QUESTION])


def renames(page: Page, hands: Hands) -> None:
    current = page.get_by_role("listitem").filter(has=page.locator("[aria-current=page]"))
    hands.press(current.get_by_role("button"), back=True)
    hands.press(page.get_by_role("button", name="Rename"))
    name = page.get_by_role("textbox", name="Name")
    expect(name).to_be_focused()
    hands.type(TITLE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


def searches(page: Page, hands: Hands) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("every parent")
    hands.press(page.locator("a.found"))
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


def deletes(page: Page, hands: Hands) -> None:
    hands.press(page.get_by_role("button", name="Menu of this conversation"))
    hands.press(page.get_by_role("button", name="Delete", exact=True))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("for good?")
    hands.press(dialog.get_by_role("button", name="Delete"))
    expect(page.get_by_role("link", name=TITLE)).to_have_count(0)
    expect(page.get_by_label("Your question")).to_be_focused()
