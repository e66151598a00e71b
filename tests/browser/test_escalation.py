"""A question handed over in Chromium: offered, confirmed, taken up, answered while the page is open."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.founding import ANA, BEN
from tests.browser.visitors import Visitors, ask, expect_state

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def ben(visitors: Visitors) -> Page:
    return visitors.signed_in(BEN)


def offered(page: Page, question: str) -> Locator:
    """The refusal of a question, with the way to a person below it."""
    answer = ask(page, question)
    expect_state(answer, "done")
    expect(answer).to_have_attribute("data-status", "no_answer")
    expect(answer.get_by_role("button", name="Ask HR")).to_be_visible()
    return answer


def hand_over(answer: Locator, note: str) -> None:
    answer.get_by_role("button", name="Ask HR").click()
    expect(answer.get_by_role("heading", name="Ask a person")).to_be_focused()
    answer.get_by_label("Add a note (optional)").fill(note)
    answer.get_by_role("button", name="Hand it over").click()
    expect(answer.locator("[data-escalation=open]")).to_contain_text("Handed over to HR")


def open_in_inbox(visitors: Visitors, note: str, question: str) -> Page:
    ana = visitors.signed_in(ANA)
    ana.get_by_role("link", name="Inbox").click()
    ana.get_by_role("link", name=question).first.click()
    expect(ana.get_by_text(note)).to_be_visible()
    return ana


def test_the_reply_appears_where_the_question_was_asked(visitors: Visitors, ben: Page) -> None:
    question = "Why does the moon have no mayor?"
    answer = offered(ben, question)
    hand_over(answer, "For the quiz.")
    ana = open_in_inbox(visitors, "For the quiz.", question)
    ana.get_by_role("button", name="I’m on it").click()
    expect(answer).to_contain_text("Ana is looking into it")
    ana.get_by_label("It reaches Ben").fill("Because nobody lives there.")
    ana.get_by_role("button", name="Send the reply").click()
    expect(ana.get_by_role("heading", name="Ana answered")).to_be_visible()
    expect(answer.locator("[data-escalation=answered]")).to_contain_text("Because nobody lives there.")
    ben.reload()
    expect(ben.locator("[data-escalation=answered]")).to_contain_text("A person’s words, not AskAcme’s")


def test_an_unread_reply_has_a_dot_until_it_is_seen(visitors: Visitors, ben: Page) -> None:
    question = "Who paints the rainbow on Sundays?"
    hand_over(offered(ben, question), "It is for the newsletter.")
    address = ben.url
    ben.goto(visitors.company.url)
    ana = open_in_inbox(visitors, "It is for the newsletter.", question)
    ana.get_by_label("It reaches Ben").fill("The weather does.")
    ana.get_by_role("button", name="Send the reply").click()
    expect(ana.get_by_role("heading", name="Ana answered")).to_be_visible()
    ben.reload()
    dot = ben.get_by_text("New reply")
    expect(dot).to_have_count(1)
    with ben.expect_response("**/seen"):
        ben.goto(address)
    expect(dot).to_be_hidden()
    ben.goto(visitors.company.url)
    expect(dot).to_have_count(0)


def test_what_was_not_meant_is_cancelled_or_taken_back(ben: Page) -> None:
    answer = offered(ben, "Which cloud is the oldest?")
    answer.get_by_role("button", name="Ask HR").click()
    answer.get_by_role("button", name="Cancel").click()
    expect(answer.get_by_role("button", name="Ask HR")).to_be_focused()
    hand_over(answer, "")
    answer.get_by_role("button", name="Take it back").click()
    expect(answer.get_by_role("button", name="Ask HR")).to_be_visible()


def test_below_an_answer_with_proof_a_person_can_be_asked_too(ben: Page) -> None:
    answer = ask(ben, "How many weeks of parental leave do I get?")
    expect_state(answer, "done")
    answer.get_by_role("button", name="Ask a person").click()
    expect(answer.get_by_text("everyone in HR")).to_be_visible()
    answer.get_by_role("button", name="Cancel").click()
    expect(answer.get_by_role("button", name="Ask a person")).to_be_focused()


def test_a_reply_to_an_earlier_version_is_found_and_read(visitors: Visitors, ben: Page) -> None:
    question = "Who waters the clouds on Mondays?"
    hand_over(offered(ben, question), "For the garden.")
    ben.get_by_role("button", name="Try again").click()
    expect(ben.get_by_text("2 of 2")).to_be_visible()
    expect_state(ben.locator(".answer"), "done")
    ana = open_in_inbox(visitors, "For the garden.", question)
    ana.get_by_label("It reaches Ben").fill("The wind does.")
    ana.get_by_role("button", name="Send the reply").click()
    expect(ana.get_by_role("heading", name="Ana answered")).to_be_visible()
    expect(ben.get_by_text("A colleague replied to an earlier version of your question.")).to_be_visible()
    with ben.expect_response("**/seen"):
        ben.get_by_role("link", name="Show it").click()
    expect(ben.locator("[data-escalation=answered]")).to_contain_text("The wind does.")
    expect(ben.get_by_label("Your question")).to_have_count(0)
    ben.get_by_role("button", name="Go on with this version").click()
    expect(ben.get_by_label("Your question")).to_be_visible()
    expect(ben.get_by_text("1 of 2")).to_be_visible()
