"""What the question box says no to, it does not throw away."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.founding import CLEO
from tests.browser.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cleo(visitors: Visitors) -> Page:
    return visitors.signed_in(CLEO)


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        ("  ", "Please type a question."),
        ("?! 🎉", "Please type a question."),
        ("x" * 5001, "Your question has 5,001 characters; at most 5,000 fit. Please shorten it."),
    ],
    ids=["empty", "without a word", "too long"],
)
def test_a_question_that_cannot_be_asked_stays_in_the_box_beside_the_reason(cleo: Page, draft: str, error: str) -> None:
    box = cleo.get_by_label("Your question")
    box.fill(draft)
    box.press("Enter")
    expect(cleo.get_by_role("alert")).to_have_text(error)
    expect(box).to_have_value(draft)
    expect(box).to_be_focused()
    expect(cleo.locator("article.answer")).to_have_count(0)


def test_a_draft_outlives_a_reload(cleo: Page) -> None:
    box = cleo.get_by_label("Your question")
    box.fill("How many weeks")
    cleo.reload()
    expect(box).to_have_value("How many weeks")


def test_shift_and_enter_begins_a_new_line(cleo: Page) -> None:
    box = cleo.get_by_label("Your question")
    box.fill("How many")
    box.press("Shift+Enter")
    box.press_sequentially("weeks?")
    expect(box).to_have_value("How many\nweeks?")
