"""The page speaks the person's language: what the browser asks for, until they choose."""

import pytest
from playwright.sync_api import expect

from tests.browser.founding import CLEO
from tests.browser.visitors import Visitors, expect_state

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_german_browser_gets_german_down_to_what_comes_over_the_socket(visitors: Visitors) -> None:
    page = visitors.stranger(locale="de-DE")
    page.goto(f"{visitors.company.url}/sign-in/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("button", name="Anmelden")).to_be_visible()


def test_the_choice_holds_and_reaches_the_socket(visitors: Visitors) -> None:
    page = visitors.signed_in(CLEO)
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_label("Ihre Frage").fill("How many weeks of parental leave do I get?")
    page.keyboard.press("Enter")
    answer = page.locator("article.answer")
    expect_state(answer, "done")
    expect(answer.get_by_role("heading", name="Quellen")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sources")).to_be_visible()
