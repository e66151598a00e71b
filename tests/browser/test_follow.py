"""A long answer and its reader: it moves only who is at its end."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.company import SlowModel
from tests.browser.founding import BEN
from tests.browser.visitors import Visitors, ask, expect_state
from tests.llm_simulator import Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = "\n\n".join(f"Step {n} of the leave is agreed with your manager [1]." for n in range(1, 61))
WIDE = (
    "| A | B |\n|---|---|\n| "
    + " | ".join(["word" * 30] * 2)
    + " |\n\n```sql\nselect "
    + "x, " * 200
    + "1\n```\n\nYes [1]."
)
IS_AT_END = "() => document.scrollingElement.scrollHeight - scrollY - innerHeight < 48"


@pytest.fixture
def ben(visitors: Visitors, slow_model: SlowModel) -> Page:
    return visitors.signed_in(BEN, at=slow_model.url, viewport={"width": 1000, "height": 600})


def long_answer(page: Page, slow_model: SlowModel) -> Locator:
    """An answer of about four seconds, longer than the window already."""
    slow_model.simulator.script[:] = [Reply(text=LONG, piece_chars=30, token_s=4 * 30 / len(LONG))]
    answer = ask(page, "How do I plan my parental leave?")
    expect(answer).to_contain_text("Step 15 of")
    return answer


def test_who_scrolls_up_is_left_alone_and_finds_the_way_back(ben: Page, slow_model: SlowModel) -> None:
    answer = long_answer(ben, slow_model)
    ben.evaluate("scrollTo(0, 150)")
    read = answer.locator(".prose p").filter(has_text="Step 4 of")
    stood_at = read.bounding_box()
    expect_state(answer, "running")
    expect_state(answer, "done")
    assert read.bounding_box() == stood_at
    ben.get_by_role("button", name="Jump to latest").click()
    assert ben.evaluate(IS_AT_END)
    expect(ben.get_by_role("button", name="Jump to latest")).to_be_hidden()


def test_who_is_at_the_end_stays_there(ben: Page, slow_model: SlowModel) -> None:
    answer = long_answer(ben, slow_model)
    expect_state(answer, "done")
    assert ben.evaluate(IS_AT_END)
    expect(ben.get_by_role("button", name="Jump to latest")).to_be_hidden()


def test_wide_tables_and_code_scroll_by_themselves(visitors: Visitors, slow_model: SlowModel) -> None:
    phone = visitors.signed_in(BEN, at=slow_model.url, viewport={"width": 390, "height": 844})
    slow_model.simulator.script[:] = [Reply(text=WIDE)]
    answer = ask(phone, "How do I plan my parental leave?")
    expect_state(answer, "done")
    expect(answer.get_by_role("region", name="Table")).to_have_js_property("tabIndex", 0)
    expect(answer.locator("figcaption")).to_contain_text("sql")
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= 390
