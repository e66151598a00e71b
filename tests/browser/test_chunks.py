"""HR corrects a passage in the browser, and people find the new words; the page on a desk and on a phone."""

from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser.founding import ANA, CLEO
from tests.browser.test_pages import DESK, PHONE, WIDTH, serious_harm
from tests.browser.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEW = "All new parents get 16 weeks of fully paid parental leave after six months, and a wombat plush."


def passages(visitors: Visitors, **screen: Any) -> Page:
    """The first passage of the document that is everyone's, chosen."""
    page = visitors.signed_in(ANA, **screen)
    page.goto(f"{visitors.company.url}/admin/knowledge/document/?q=parental-leave.md")
    page.get_by_role("link", name="Parental leave").first.click()
    page.goto(page.url.replace("/change/", "/passages/"))
    page.get_by_role("link", name="Passage 1").click()
    expect(page.get_by_label("Text of the document").locator("mark").first).to_be_in_viewport()
    return page


def found(page: Page, words: str) -> str:
    answer = page.request.get(urljoin(page.url, f"/api/v1/search?q={words}"))
    expect(answer).to_be_ok()
    return answer.text()


def test_a_corrected_passage_is_found_by_its_new_words_until_it_is_restored(visitors: Visitors) -> None:
    page = passages(visitors)
    page.get_by_label("What people read and models get").fill(NEW)
    page.get_by_role("button", name="Save correction").click()
    expect(page.get_by_text("The correction holds from now on.")).to_be_visible()
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Passage 1"))
    expect(card).to_contain_text("Corrected by Ana")
    expect(page.locator("mark").filter(has_text="16 weeks").first).to_be_visible()
    cleo = visitors.signed_in(CLEO)
    assert "wombat plush" in found(cleo, "wombat plush")

    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("reads as the document does again")).to_be_visible()
    assert "wombat" not in found(cleo, "wombat plush")


def test_text_and_passages_stand_side_by_side_on_a_desk_and_in_one_column_on_a_phone(visitors: Visitors) -> None:
    screens: list[tuple[dict[str, Any], bool]] = [(DESK, True), (PHONE, False)]
    for screen, side_by_side in screens:
        page = passages(visitors, **screen)
        text = page.get_by_label("Text of the document").bounding_box()
        cards = page.get_by_label("Passages that search finds").bounding_box()
        assert text is not None
        assert cards is not None
        assert (text["x"] + text["width"] <= cards["x"]) is side_by_side
        assert page.evaluate(WIDTH) <= screen["viewport"]["width"]


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_page_shuts_nobody_out(visitors: Visitors, color_scheme: str) -> None:
    assert serious_harm(passages(visitors, color_scheme=color_scheme, **DESK)) == []
