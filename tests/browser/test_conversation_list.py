"""The list of conversations in a browser: all of it by keyboard, with axe looking at each step."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.founding import BEN, CLEO
from tests.browser.visitors import Visitors, ask, expect_state

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUESTION = "How many weeks of parental leave do I get?"


def begun(visitors: Visitors, **options: Any) -> Page:
    page = visitors.signed_in(CLEO, **options)
    expect_state(ask(page, QUESTION), "done")
    return page


def row(page: Page, name: str) -> Locator:
    """That one's button in the list, by its name."""
    return page.locator("#conversation-list").get_by_role("button", name=f"Menu of “{name}”").first


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def opened_menu(page: Page, name: str) -> Page:
    row(page, name).focus()
    press(page, "Enter")
    expect(page.get_by_role("button", name="Rename")).to_be_focused()
    return page


def barriers(page: Page) -> list[str]:
    return [rule["id"] for rule in Axe().run(page).response["violations"]]


def test_a_conversation_is_renamed_and_pinned_by_keyboard(visitors: Visitors) -> None:
    page = begun(visitors)
    opened_menu(page, QUESTION)
    assert barriers(page) == []
    press(page, "Enter")
    field = page.get_by_label("Name of the conversation")
    expect(field).to_be_focused()
    assert barriers(page) == []
    field.fill("Not this")
    press(page, "Escape")
    expect(row(page, QUESTION)).to_be_focused()
    opened_menu(page, QUESTION)
    press(page, "Enter")
    field.fill("Weeks of leave")
    press(page, "Enter")
    expect(row(page, "Weeks of leave")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("Weeks of leave")
    opened_menu(page, "Weeks of leave")
    press(page, "ArrowDown", "Enter")
    expect(row(page, "Weeks of leave")).to_be_focused()
    expect(page.locator("#conversation-list h2").first).to_have_text("Pinned")


def test_a_deleted_conversation_is_gone_in_the_other_tab_too(visitors: Visitors) -> None:
    page = begun(visitors)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("article.answer")).to_be_visible()
    other.wait_for_function("document.querySelector('[data-connection]').hidden !== false")
    opened_menu(page, QUESTION)
    press(page, "ArrowUp", "Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    assert barriers(page) == []
    press(page, "Escape")
    expect(row(page, QUESTION)).to_be_focused()
    opened_menu(page, QUESTION)
    press(page, "ArrowUp", "Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    press(page, "Tab", "Enter")
    expect(page.locator("article.answer")).to_have_count(0)
    expect(other.get_by_text("This conversation does not exist any more.")).to_be_visible()


def test_search_answers_while_one_types(visitors: Visitors) -> None:
    page = begun(visitors)
    page.get_by_label("Search in your conversations").fill("week parent")
    found = page.locator(".found").first
    expect(found.locator("mark").first).to_have_text("weeks")
    expect(page.locator("#search-status")).to_contain_text("found")
    assert barriers(page) == []
    page.get_by_label("Search in your conversations").fill("zebra")
    expect(page.get_by_text("None of your conversations")).to_be_visible()
    page.get_by_label("Search in your conversations").fill("")
    expect(row(page, QUESTION)).to_be_visible()


def test_a_colleague_reads_what_was_shared_with_them(visitors: Visitors) -> None:
    page = begun(visitors)
    opened_menu(page, QUESTION)
    press(page, "ArrowDown", "ArrowDown", "Enter")
    page.get_by_label("E-mail address of a colleague").fill(BEN)
    press(page, "Enter")
    expect(page.get_by_text("Ben can read it now")).to_be_visible()
    assert barriers(page) == []
    ben = visitors.signed_in(BEN)
    ben.get_by_text("Shared with me").click()
    ben.get_by_role("link", name=f"{QUESTION} from Cleo").click()
    expect(ben.locator("article.answer").first).to_contain_text("16 weeks")
    assert barriers(ben) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_temporary_chat_is_in_no_list(visitors: Visitors, width: int) -> None:
    page = visitors.signed_in(CLEO, viewport={"width": width, "height": 844})
    page.get_by_role("switch", name="Temporary chat").click()
    expect(page.get_by_role("switch", name="Temporary chat")).to_be_checked()
    expect_state(ask(page, "Who must be told before the leave begins?"), "done")
    expect(page.locator("#conversation-list").get_by_text("Who must be told")).to_have_count(0)
    assert barriers(page) == []
