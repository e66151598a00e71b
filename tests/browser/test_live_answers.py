"""An answer takes its time: what people do meanwhile does not harm it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.company import SlowModel
from tests.browser.founding import BEN
from tests.browser.visitors import Visitors, ask, expect_state
from tests.llm_simulator import Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "How do I plan my parental leave?"
LONG = " ".join(f"Step {n} of the leave is agreed with your manager [1]." for n in range(1, 21))
WITHOUT_MARKS = """(parts) => parts.map((part) => {
    const bare = part.cloneNode(true);
    bare.querySelectorAll(".proof").forEach((mark) => mark.remove());
    return bare.textContent;
})"""
AS_SHOWN = LONG.replace("[1]", "1")


@pytest.fixture
def ben(visitors: Visitors, slow_model: SlowModel) -> Page:
    """*ben*, at the web process whose model is slow."""
    return visitors.signed_in(BEN, at=slow_model.url)


def ask_slowly(page: Page, slow_model: SlowModel, *, answer_s: float) -> Locator:
    """Ask, and wait until the first words are there."""
    reply = Reply(text=LONG, piece_chars=20)
    slow_model.simulator.script[:] = [Reply(text=LONG, piece_chars=20, token_s=answer_s * 20 / len(reply.text))]
    answer = ask(page, QUESTION)
    expect(answer).to_contain_text("Step 2 of the leave")
    expect_state(answer, "running")
    return answer


def words(answer: Locator) -> str:
    """What a person reads, without the marks of proof that come and go."""
    parts = answer.locator(".prose").evaluate_all(WITHOUT_MARKS)
    return " ".join(" ".join(parts).split())


def test_a_reload_in_mid_answer_loses_nothing(ben: Page, slow_model: SlowModel) -> None:
    ask_slowly(ben, slow_model, answer_s=7)
    ben.reload()
    answer = ben.locator("article.answer")
    expect(answer).to_contain_text("Step 1 of the leave")
    expect_state(answer, "running")
    expect_state(answer, "done")
    assert words(answer) == AS_SHOWN


def test_a_second_tab_at_another_web_process_sees_the_same_answer(
    ben: Page, slow_model: SlowModel, visitors: Visitors
) -> None:
    answer = ask_slowly(ben, slow_model, answer_s=7)
    tab = ben.context.new_page()
    tab.goto(ben.url.replace(slow_model.url, visitors.company.url))
    the_same = tab.locator("article.answer")
    expect_state(the_same, "running")
    for seen in (answer, the_same):
        expect_state(seen, "done")
        assert words(seen) == AS_SHOWN


def test_stop_ends_the_answer_and_keeps_what_was_shown(ben: Page, slow_model: SlowModel) -> None:
    answer = ask_slowly(ben, slow_model, answer_s=60)
    shown = words(answer)
    answer.get_by_role("button", name="Stop").click()
    expect_state(answer, "done")
    expect(answer).to_contain_text("You stopped this answer.")
    kept = words(answer)
    assert kept.startswith(shown)
    assert len(kept) < len(AS_SHOWN)
    ben.reload()
    assert words(ben.locator("article.answer")) == kept
