"""The thread: a question shows at once, is edited, answered again, and each version of it stays."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.company import SlowModel
from tests.browser.founding import BEN, CLEO
from tests.browser.line import Line
from tests.browser.visitors import Visitors, ask, expect_state
from tests.llm_simulator import Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "How many weeks of parental leave do I get?"
OTHER = "Who may take parental leave?"
COUNT_BUBBLES = """() => {
    window.bubbles = [];
    const look = () => {
        const bubbles = [...document.querySelectorAll("#thread .question")];
        const shown = bubbles.filter((bubble) => bubble.checkVisibility()).length;
        if (shown !== window.bubbles.at(-1)) window.bubbles.push(shown);
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


@pytest.fixture
def cleo(visitors: Visitors) -> Page:
    return visitors.signed_in(CLEO)


def questions(page: Page) -> Locator:
    return page.locator("#thread .question")


def done(page: Page, question: str) -> Locator:
    answer = ask(page, question)
    expect_state(answer, "done")
    return answer


def edit(page: Page, question: str) -> None:
    page.get_by_role("button", name="Edit the question").last.click()
    box = page.get_by_label("Your question, edited")
    expect(box).to_be_focused()
    box.fill(question)
    box.press("Enter")


def test_a_question_shows_before_the_server_knows_of_it_and_only_once(cleo: Page) -> None:
    line = Line(cleo)
    cleo.reload()
    line.hold()
    cleo.get_by_label("Your question").fill(QUESTION)
    cleo.evaluate(COUNT_BUBBLES)
    cleo.keyboard.press("Enter")
    expect(questions(cleo)).to_have_text(QUESTION)
    expect(cleo.locator("[data-pending] .skeleton")).to_be_visible()
    expect(cleo.get_by_label("Your question")).to_have_value("")
    line.let_go()
    expect_state(cleo.locator("article.answer"), "done")
    assert cleo.evaluate("window.bubbles") == [0, 1], "it flickered, or stood there twice"


def test_a_refused_question_goes_and_its_text_is_back_in_the_box(visitors: Visitors, slow_model: SlowModel) -> None:
    ben = visitors.signed_in(BEN, at=slow_model.url)
    slow_model.simulator.script[:] = [Reply(text="Yes [1]. " * 40, piece_chars=9, token_s=0.2)]
    answer = ask(ben, QUESTION)
    expect(answer).to_contain_text("Yes")
    box = ben.get_by_label("Your question", exact=True)
    box.fill(OTHER)
    box.press("Enter")
    expect(ben.get_by_role("alert")).not_to_be_empty()
    expect(box).to_have_value(OTHER)
    expect(questions(ben)).to_have_text([QUESTION])
    ben.keyboard.press("Escape")
    expect_state(answer, "done")


def test_an_edited_question_stands_beside_the_first_and_both_can_be_read(cleo: Page) -> None:
    done(cleo, QUESTION)
    edit(cleo, OTHER)
    expect(questions(cleo)).to_have_text([OTHER])
    expect(cleo.get_by_text("2 of 2")).to_be_visible()
    expect_state(cleo.locator("article.answer"), "done")
    before = cleo.get_by_role("button", name="The version before")
    before.click()
    expect(questions(cleo)).to_have_text([QUESTION])
    expect(cleo.get_by_text("1 of 2")).to_be_visible()
    expect(before).to_be_focused()
    cleo.reload()
    expect(questions(cleo)).to_have_text([QUESTION])


def test_escape_leaves_a_question_as_it_was(cleo: Page) -> None:
    done(cleo, QUESTION)
    cleo.get_by_role("button", name="Edit the question").click()
    cleo.get_by_label("Your question, edited").fill(OTHER)
    cleo.keyboard.press("Escape")
    expect(questions(cleo)).to_have_text([QUESTION])
    expect(cleo.get_by_role("button", name="Edit the question")).to_be_focused()


def test_an_answer_can_be_had_again_and_the_first_one_stays(cleo: Page) -> None:
    first = done(cleo, QUESTION).get_attribute("id")
    cleo.get_by_role("button", name="Try again").click()
    expect(cleo.get_by_text("2 of 2")).to_be_visible()
    answer = cleo.locator("article.answer")
    expect_state(answer, "done")
    assert answer.get_attribute("id") != first
    cleo.get_by_role("button", name="The version before").click()
    expect(answer).to_have_attribute("id", first or "")


def test_an_edit_in_the_middle_takes_what_followed_out_of_sight_and_back(cleo: Page) -> None:
    done(cleo, QUESTION)
    done(cleo, "By when must I hand it in?")
    cleo.get_by_role("button", name="Edit the question").first.click()
    cleo.get_by_label("Your question, edited").fill(OTHER)
    cleo.get_by_role("button", name="Ask this instead").click()
    expect(questions(cleo)).to_have_text([OTHER])
    expect_state(cleo.locator("article.answer"), "done")
    cleo.get_by_role("button", name="The version before").click()
    expect(questions(cleo)).to_have_text([QUESTION, "By when must I hand it in?"])


def test_what_one_tab_asks_and_switches_the_other_shows(cleo: Page) -> None:
    done(cleo, QUESTION)
    tab = cleo.context.new_page()
    tab.goto(cleo.url)
    done(tab, OTHER)
    expect(questions(cleo)).to_have_text([QUESTION, OTHER])
    expect_state(cleo.locator("article.answer").last, "done")
    edit(cleo, "Who pays it?")
    expect(questions(tab)).to_have_text([QUESTION, "Who pays it?"])
    expect_state(tab.locator("article.answer").last, "done")
    tab.get_by_role("button", name="The version before").click()
    expect(questions(cleo)).to_have_text([QUESTION, OTHER])


def test_an_answer_is_copied_with_its_sources(visitors: Visitors) -> None:
    page = visitors.signed_in(CLEO, permissions=["clipboard-read", "clipboard-write"])
    answer = done(page, QUESTION)
    answer.get_by_role("button", name="Copy").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[1]" in copied
    assert answer.locator(".source-name").first.inner_text().split(" · ")[0] in copied
