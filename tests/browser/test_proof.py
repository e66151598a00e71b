"""The marks of proof: they come while the answer is written, stay after it, and a citation opens what it leans on."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import SlowModel
from tests.browser.founding import BEN
from tests.browser.visitors import Visitors, ask, expect_state
from tests.llm_simulator import Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "How many weeks of parental leave do new parents get?"
QUOTE = "All new parents get 16 weeks of fully paid parental leave after six months of service. [1]"
ANSWER = f"{QUOTE}\n\nFathers get 9 weeks more. [1]\n\n" + "\n".join(f"- Do you want more, {n}?" for n in range(40))


@pytest.fixture
def ben(visitors: Visitors, slow_model: SlowModel) -> Page:
    return visitors.signed_in(BEN, at=slow_model.url)


def test_marks_come_while_it_is_written_and_stay(ben: Page, slow_model: SlowModel) -> None:
    slow_model.simulator.script[:] = [Reply(text=ANSWER, piece_chars=20, token_s=0.15)]
    answer = ask(ben, QUESTION)
    expect(answer.locator(".proof.is-proved")).to_have_count(1)
    expect(answer.locator(".proof.is-unproved")).to_have_text("no proof: the number 9 is not in the source")
    expect_state(answer, "running")
    expect_state(answer, "done")
    for _ in range(2):
        expect(answer.locator("[data-assurance]")).to_contain_text("Uncertain: 1 of 2 sentences has no proof.")
        expect(answer.locator(".proof.is-proved")).to_have_count(1)
        expect(answer.locator(".proof.is-unproved")).to_be_visible()
        ben.reload()


def test_a_citation_opens_the_sentence_that_proves_it(ben: Page, slow_model: SlowModel) -> None:
    slow_model.simulator.script[:] = [Reply(text=QUOTE)]
    answer = ask(ben, QUESTION)
    expect_state(answer, "done")
    answer.locator("a.cite").first.click()
    panel = ben.get_by_role("dialog", name="Source")
    expect(panel.locator("mark")).to_have_text(QUOTE.removesuffix(" [1]"))
    expect(panel).to_contain_text("Source 1 of 1")
