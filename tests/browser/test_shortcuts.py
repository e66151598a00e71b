"""Keys that save the mouse, and never take a letter from who types."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import SlowModel
from tests.browser.founding import BEN, CLEO
from tests.browser.visitors import Visitors, ask, expect_state
from tests.llm_simulator import Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "How many weeks of parental leave do I get?"


@pytest.fixture
def cleo(visitors: Visitors) -> Page:
    page = visitors.signed_in(CLEO)
    expect(page.get_by_label("Your question")).to_be_editable()
    return page


def leave_the_box(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")


def test_a_slash_leads_to_the_box_and_is_typed_there(cleo: Page) -> None:
    box = cleo.get_by_label("Your question")
    leave_the_box(cleo)
    cleo.keyboard.press("/")
    expect(box).to_be_focused()
    cleo.keyboard.type("/n?")
    expect(box).to_have_value("/n?")


def test_a_question_mark_lists_the_keys_and_gives_the_focus_back(cleo: Page) -> None:
    leave_the_box(cleo)
    cleo.keyboard.press("?")
    dialog = cleo.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("To the question box")
    cleo.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_single_keys_can_be_turned_off_for_good(cleo: Page) -> None:
    cleo.get_by_role("button", name="All shortcuts").click()
    cleo.get_by_label("Shortcuts of a single key").uncheck()
    cleo.keyboard.press("Escape")
    cleo.reload()
    expect(cleo.get_by_label("Your question")).to_be_editable()
    leave_the_box(cleo)
    cleo.keyboard.press("?")
    cleo.keyboard.press("/")
    expect(cleo.get_by_label("Your question")).not_to_be_focused()
    expect(cleo.get_by_role("dialog")).to_have_count(0)


def test_control_and_k_leads_to_the_search(cleo: Page) -> None:
    cleo.keyboard.press("Control+k")
    expect(cleo.get_by_role("searchbox")).to_be_focused()


def test_n_begins_a_new_chat(cleo: Page) -> None:
    expect_state(ask(cleo, QUESTION), "done")
    leave_the_box(cleo)
    cleo.keyboard.press("n")
    expect(cleo.locator("article.answer")).to_have_count(0)


def test_arrow_up_in_the_empty_box_edits_the_last_question(cleo: Page) -> None:
    expect_state(ask(cleo, QUESTION), "done")
    cleo.get_by_label("Your question").press("ArrowUp")
    expect(cleo.get_by_label("Your question, edited")).to_have_value(QUESTION)


def test_escape_stops_the_answer(visitors: Visitors, slow_model: SlowModel) -> None:
    ben = visitors.signed_in(BEN, at=slow_model.url)
    slow_model.simulator.script[:] = [Reply(text="Yes [1]. " * 40, piece_chars=9, token_s=0.2)]
    answer = ask(ben, QUESTION)
    expect(answer).to_contain_text("Yes")
    ben.keyboard.press("Escape")
    expect(answer).to_contain_text("You stopped this answer.")
