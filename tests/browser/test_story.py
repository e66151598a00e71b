"""The whole story: a file that nobody saw before, and what becomes of it in everyone's browser."""

from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.founding import ANA, BEN, CLEO, FACILITIES
from tests.browser.llamas import FILE, PROOF, QUESTION, TITLE, make_policy
from tests.browser.visitors import Visitors, ask, expect_state

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTE_STATES = """() => {
    window.states = [];
    const look = () => {
        const state = document.querySelector("article.answer")?.dataset.state;
        if (state && state !== window.states.at(-1)) window.states.push(state);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def test_a_new_policy_is_answered_with_its_proof_and_only_inside_its_audience(
    visitors: Visitors, tmp_path: Path
) -> None:
    file = tmp_path / FILE
    file.write_bytes(make_policy())
    hr_uploads_and_watches(visitors, file)

    ben = visitors.signed_in(BEN)
    answer = the_answer_streams_in(ben)
    addresses = [source_address(answer), *the_proof_is_one_click_away(ben, answer)]

    cleo = visitors.signed_in(CLEO)
    nothing_is_known_of_it(cleo)
    assert [cleo.request.get(address).status for address in addresses] == [404, 404, 404]
    assert [ben.request.get(address).status for address in addresses] == [200, 200, 200]


def hr_uploads_and_watches(visitors: Visitors, file: Path) -> None:
    ana = visitors.sign_in(ANA)
    ana.get_by_role("link", name="Console").click()
    ana.get_by_role("link", name="Upload").first.click()
    with visitors.company.worker_held_up():
        ana.get_by_label("Files").set_input_files(file)
        ana.get_by_label("Only the groups chosen below").check()
        ana.get_by_label(FACILITIES).check()
        ana.get_by_role("button", name="Upload", exact=True).click()
        ana.get_by_role("link", name="All documents").click()
        state = ana.get_by_role("row", name=FILE).locator("[data-state]")
        expect_state(state, "queued")
        ana.evaluate("() => { window.isTheSamePage = true }")
    expect_state(state, "ready")
    expect(ana.get_by_role("row", name=FILE)).to_contain_text("3 pages")
    assert ana.evaluate("window.isTheSamePage"), "the list was loaded again"


def the_answer_streams_in(ben: Page) -> Locator:
    ben.evaluate(NOTE_STATES)
    answer = ask(ben, QUESTION)
    expect_state(answer, "done")
    assert ben.evaluate("window.states") == ["running", "done"]
    expect(answer).to_have_attribute("data-status", "success")
    expect(answer).to_contain_text(PROOF)
    expect(answer.locator("a.cite")).not_to_have_count(0)
    expect(answer.locator(".source-link").first).to_contain_text(f"{TITLE} · page 2")
    return answer


def source_address(answer: Locator) -> str:
    return urljoin(answer.page.url, answer.locator("a.cite").first.get_attribute("href"))


def the_proof_is_one_click_away(ben: Page, answer: Locator) -> list[str]:
    """From the mark to the panel, from there to the document; returns the document's and the file's addresses."""
    answer.locator("a.cite").first.click()
    panel = ben.get_by_role("dialog", name="Source")
    expect(panel).to_contain_text(TITLE)
    expect(panel).to_contain_text("Page 2")
    expect(panel.locator("mark").filter(has_text=PROOF)).to_be_visible()
    with ben.expect_popup() as opened:
        panel.get_by_role("link", name="Open document").click()
    document = opened.value
    expect(document.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    expect(document.locator("mark").filter(has_text=PROOF)).to_be_in_viewport()
    file = document.get_by_role("link", name="Original file").get_attribute("href")
    return [document.url, urljoin(document.url, file)]


def nothing_is_known_of_it(cleo: Page) -> None:
    answer = ask(cleo, QUESTION)
    expect_state(answer, "done")
    expect(answer).to_have_attribute("data-status", "no_answer")
    expect(answer.locator(".sources, .cite")).to_have_count(0)
    found = cleo.request.get(urljoin(cleo.url, "/api/v1/search?q=llama"))
    expect(found).to_be_ok()
    seen = cleo.content() + found.text()
    assert [word for word in (TITLE, FILE, PROOF, "Friday") if word in seen] == []
