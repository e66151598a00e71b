"""What holds for every page, on a phone and on a desk, by day and by night."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.founding import ANA, CLEO
from tests.browser.visitors import Visitors, ask, expect_state

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
WIDTH = "() => document.scrollingElement.scrollWidth"
HARMFUL = {"serious", "critical"}


def sign_in(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.stranger(**screen)
    page.goto(f"{visitors.company.url}/sign-in/")
    return page


def empty_chat(visitors: Visitors, **screen: Any) -> Page:
    return visitors.signed_in(CLEO, **screen)


def answered_chat(visitors: Visitors, **screen: Any) -> Page:
    page = empty_chat(visitors, **screen)
    expect_state(ask(page, "How many weeks of parental leave do I get?"), "done")
    return page


def source_panel(visitors: Visitors, **screen: Any) -> Page:
    page = answered_chat(visitors, **screen)
    page.locator("a.cite").first.click()
    expect(page.get_by_role("dialog", name="Source").locator("mark").first).to_be_visible()
    return page


def document(visitors: Visitors, **screen: Any) -> Page:
    page = source_panel(visitors, **screen)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open document").click()
    expect(opened.value.locator("mark").first).to_be_visible()
    return opened.value


def console_list(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.signed_in(ANA, **screen)
    page.goto(f"{visitors.company.url}/admin/knowledge/document/")
    return page


def console_upload(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.signed_in(ANA, **screen)
    page.goto(f"{visitors.company.url}/admin/knowledge/document/upload/")
    return page


OURS = [sign_in, empty_chat, answered_chat, source_panel, document]
CONSOLE = [console_list, console_upload]
OpenPage = Callable[..., Page]


@pytest.mark.parametrize("open_page", OURS + CONSOLE)
def test_no_page_scrolls_sideways_on_a_phone(visitors: Visitors, open_page: OpenPage) -> None:
    page = open_page(visitors, **PHONE)
    assert page.evaluate(WIDTH) <= 390


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("open_page", OURS + CONSOLE)
def test_no_page_shuts_people_out(visitors: Visitors, open_page: OpenPage, color_scheme: str) -> None:
    """axe finds nothing serious: contrast, names, roles, order."""
    page = open_page(visitors, color_scheme=color_scheme, **DESK)
    assert harm(page) == []


def harm(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:200]}"
        for violation in violations
        if violation["impact"] in HARMFUL
        for node in violation["nodes"]
    ]
