"""HR at the search bench: why a passage was found, and a synonym that makes the next search find it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.founding import ANA, BEN
from tests.browser.test_pages import serious_harm
from tests.browser.visitors import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SYNONYMS = "/admin/knowledge/synonym/"
BENCH = f"{SYNONYMS}search-bench/"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OpenPage = Callable[..., Page]


def at(visitors: Visitors, path: str, **screen: Any) -> Page:
    page = visitors.signed_in(ANA, **screen)
    page.goto(f"{visitors.company.url}{path}")
    return page


def search(page: Page, query: str) -> None:
    page.get_by_label("Search for").fill(query)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("status").first).to_be_visible()


def found(visitors: Visitors, **screen: Any) -> Page:
    return at(visitors, f"{BENCH}?q=how+long+is+parentel+leave&who=me", **screen)


def synonyms(visitors: Visitors, **screen: Any) -> Page:
    return at(visitors, SYNONYMS, **screen)


def new_synonym(visitors: Visitors, **screen: Any) -> Page:
    return at(visitors, f"{SYNONYMS}add/", **screen)


def test_a_search_shows_its_passages_and_why_without_leaving_the_page(visitors: Visitors) -> None:
    page = at(visitors, BENCH)
    page.evaluate("window.stayed = true")
    search(page, "weeks of parentel leave")
    expect(page.locator("mark", has_text="parental").first).to_be_visible()
    expect(page.get_by_text("“parentel” was taken for “parental”.")).to_be_visible()
    expect(page.get_by_label("Words of passage 1")).to_be_visible()
    assert page.evaluate("window.stayed")
    assert "q=weeks" in page.url
    page.reload()
    expect(page.get_by_label("Search for")).to_have_value("weeks of parentel leave")


def test_a_search_works_without_javascript(visitors: Visitors) -> None:
    visitors.signed_in(ANA)
    page = at(visitors, BENCH, java_script_enabled=False)
    search(page, "parental leave")
    expect(page.locator("mark").first).to_be_visible()


def test_a_person_is_found_by_name_and_looked_through(visitors: Visitors) -> None:
    page = at(visitors, BENCH)
    expect(page.get_by_label("E-mail address")).to_be_hidden()
    page.get_by_label("A person").check()
    page.get_by_label("E-mail address").press_sequentially("ben")
    expect(page.locator(f'#bench-people option[value="{BEN}"]')).to_have_count(1)
    page.get_by_label("E-mail address").fill(BEN)
    search(page, "parental leave")
    expect(page.locator("mark").first).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value(BEN)


def test_a_synonym_is_added_and_tried(visitors: Visitors) -> None:
    page = new_synonym(visitors)
    page.get_by_label("Words and phrases that mean the same").fill("baby break, parental leave")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Search for “baby break”").click()
    expect(page.get_by_text("“baby break” was also searched as “parental leave”.")).to_be_visible()
    expect(page.locator("mark", has_text="parental leave").first).to_be_visible()


@pytest.mark.parametrize("open_page", [found, synonyms, new_synonym])
def test_no_page_scrolls_sideways_on_a_phone(visitors: Visitors, open_page: OpenPage) -> None:
    page = open_page(visitors, **PHONE)
    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= 390


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_bench_shuts_nobody_out(visitors: Visitors, color_scheme: str) -> None:
    page = found(visitors, color_scheme=color_scheme)
    expect(page.locator("mark").first).to_be_visible()
    assert serious_harm(page) == []
