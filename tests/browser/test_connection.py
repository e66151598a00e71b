"""The network goes and comes back: the page says so, and nothing is lost."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.founding import CLEO
from tests.browser.line import Line
from tests.browser.visitors import Visitors, ask, expect_state

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "How many weeks of parental leave do I get?"


@pytest.fixture
def cleo(visitors: Visitors) -> Page:
    return visitors.signed_in(CLEO)


def test_who_is_offline_is_told_and_goes_on_where_they_were(cleo: Page) -> None:
    expect_state(ask(cleo, QUESTION), "done")
    cleo.context.set_offline(True)
    banner = cleo.locator("[data-connection]")
    expect(banner).to_contain_text("You are offline.")
    box = cleo.get_by_label("Your question")
    box.fill("Who may take it?")
    cleo.context.set_offline(False)
    expect(banner).to_be_hidden()
    expect(box).to_have_value("Who may take it?")
    box.press("Enter")
    expect_state(cleo.locator("article.answer").nth(1), "done")


def test_a_question_sent_while_the_line_is_cut_goes_out_when_it_is_mended(cleo: Page) -> None:
    line = Line(cleo)
    cleo.reload()
    expect(cleo.get_by_label("Your question")).to_be_editable()
    line.cut()
    expect(cleo.locator("[data-connection]")).to_contain_text("Connection lost.")
    cleo.get_by_label("Your question").fill(QUESTION)
    cleo.keyboard.press("Enter")
    expect(cleo.locator("#thread .question")).to_have_text([QUESTION])
    line.mend()
    expect_state(cleo.locator("article.answer"), "done")
    expect(cleo.locator("[data-connection]")).to_be_hidden()
    expect(cleo.locator("#thread .question")).to_have_text([QUESTION])


def test_what_was_on_its_way_when_the_line_broke_is_in_the_box_again(cleo: Page) -> None:
    line = Line(cleo)
    cleo.reload()
    line.hold()
    box = cleo.get_by_label("Your question")
    box.fill(QUESTION)
    box.press("Enter")
    expect(box).to_have_value("")
    line.cut()
    expect(box).to_have_value(QUESTION)
    expect(cleo.locator("#thread .question")).to_have_count(0)


def test_an_answer_goes_on_without_its_page_and_is_there_when_the_line_is_back(cleo: Page) -> None:
    line = Line(cleo)
    cleo.reload()
    box = cleo.get_by_label("Your question")
    box.fill(QUESTION)
    box.press("Enter")
    expect(cleo.locator("article.answer")).to_have_count(1)
    line.cut()
    tab = cleo.context.new_page()
    tab.goto(cleo.url)
    expect_state(tab.locator("article.answer"), "done")
    line.mend()
    expect_state(cleo.locator("article.answer"), "done")
    expect(box).to_have_value("")


def test_what_is_typed_into_a_conversation_that_was_deleted_elsewhere_stays_in_the_box(cleo: Page) -> None:
    expect_state(ask(cleo, QUESTION), "done")
    token = {cookie["name"]: cookie["value"] for cookie in cleo.context.cookies()}["csrftoken"]
    conversation_id = cleo.url.rstrip("/").rsplit("/", 1)[-1]
    host = cleo.url.split("/c/", maxsplit=1)[0]
    headers = {"X-CSRFToken": token, "Referer": host}
    deleted = cleo.request.delete(f"{host}/api/v1/conversations/{conversation_id}", headers=headers)
    assert deleted.status == 204
    banner = cleo.locator("[data-connection]")
    expect(banner).to_contain_text("This conversation does not exist any more.")
    box = cleo.get_by_label("Your question")
    box.fill("Who may take it?")
    box.press("Enter")
    expect(box).to_have_value("Who may take it?")
    cleo.context.set_offline(True)
    cleo.context.set_offline(False)
    expect(banner).to_contain_text("This conversation does not exist any more.")
