"""What holds for every page, on a phone and on a desk, by day and by night."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.company import SlowModel
from tests.browser.founding import ANA, BEN, CLEO
from tests.browser.visitors import Visitors, ask, expect_state
from tests.llm_simulator import Reply

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
SIZES = [(1280, 3000), (390, 3000)]
"""So tall that nothing lies half under what is sticky, which axe would take for a small target."""

WIDTH = "() => document.scrollingElement.scrollWidth"
HARMFUL = {"serious", "critical"}
WCAG_21 = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
BEST = [*WCAG_21, "wcag22aa", "best-practice"]
"""WCAG 2.2 AA, the size of targets included, and what is good beyond it."""

QUESTION = "How many weeks of parental leave do I get?"
RICH = "| A | B |\n|---|---|\n| 1 | 2 |\n\n```sql\nselect 1\n```\n\n- Sixteen weeks [1].\n- Or `more` [1].\n"


def sign_in(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.stranger(**screen)
    page.goto(f"{visitors.company.url}/sign-in/")
    return page


def wrong_password(visitors: Visitors, **screen: Any) -> Page:
    page = sign_in(visitors, **screen)
    page.get_by_label("E-mail address").fill(CLEO)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def nowhere(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.signed_in(CLEO, **screen)
    page.goto(f"{visitors.company.url}/nowhere/")
    visitors.complaints[:] = [complaint for complaint in visitors.complaints if "404" not in complaint]
    return page


def empty_chat(visitors: Visitors, **screen: Any) -> Page:
    return visitors.signed_in(CLEO, **screen)


def answered_chat(visitors: Visitors, **screen: Any) -> Page:
    page = empty_chat(visitors, **screen)
    expect_state(ask(page, QUESTION), "done")
    expect_state(ask(page, "Why does the moon have no mayor?"), "done")
    return page


def rated_and_edited(visitors: Visitors, **screen: Any) -> Page:
    page = empty_chat(visitors, **screen)
    expect_state(ask(page, QUESTION), "done")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect_state(page.locator("article.answer"), "done")
    page.get_by_role("button", name="Not helpful").click()
    expect(page.locator(".feedback-reasons")).to_be_visible()
    page.get_by_role("button", name="Edit the question").click()
    return page


def shortcuts(visitors: Visitors, **screen: Any) -> Page:
    page = empty_chat(visitors, **screen)
    page.keyboard.press("Tab")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    return page


def source_panel(visitors: Visitors, **screen: Any) -> Page:
    page = answered_chat(visitors, **screen)
    page.locator("a.cite").first.click()
    expect(page.get_by_role("dialog", name="Source").locator("mark").first).to_be_visible()
    return page


def source_page(visitors: Visitors, **screen: Any) -> Page:
    page = answered_chat(visitors, **screen)
    page.goto(visitors.company.url + (page.locator("a.cite").first.get_attribute("href") or ""))
    expect(page.locator("mark").first).to_be_visible()
    return page


def document(visitors: Visitors, **screen: Any) -> Page:
    page = source_panel(visitors, **screen)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open document").click()
    expect(opened.value.locator("mark").first).to_be_visible()
    return opened.value


def inbox(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.signed_in(ANA, **screen)
    page.goto(f"{visitors.company.url}/inbox/")
    return page


def delete_dialog(visitors: Visitors, **screen: Any) -> Page:
    page = answered_chat(visitors, **screen)
    page.get_by_role("button", name="Menu of this conversation").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def share_dialog(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.signed_in(BEN, **screen)
    expect_state(ask(page, QUESTION), "done")
    page.get_by_role("button", name="Menu of this conversation").click()
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_label("E-mail address of a colleague").fill(CLEO)
    page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("button", name="Stop sharing with Cleo").first).to_be_visible()
    return page


def shared(visitors: Visitors, **screen: Any) -> Page:
    share_dialog(visitors, **screen)
    page = visitors.signed_in(CLEO, **screen)
    page.goto(visitors.company.url + (page.locator("a[href^='/shared/']").first.get_attribute("href") or ""))
    expect(page.get_by_role("link", name="To my chat")).to_be_visible()
    return page


def temporary_chat(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.signed_in(CLEO, **screen)
    page.goto(f"{visitors.company.url}/temporary/")
    return page


def german_chat(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.signed_in(CLEO, locale="de-DE", **screen)
    page.get_by_label("Ihre Frage").fill(QUESTION)
    page.keyboard.press("Enter")
    expect_state(page.locator("article.answer"), "done")
    return page


def console_list(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.signed_in(ANA, **screen)
    page.goto(f"{visitors.company.url}/admin/knowledge/document/")
    return page


def console_upload(visitors: Visitors, **screen: Any) -> Page:
    page = visitors.signed_in(ANA, **screen)
    page.goto(f"{visitors.company.url}/admin/knowledge/document/upload/")
    return page


SIGNED_OUT = [sign_in, wrong_password]
CHAT = [empty_chat, answered_chat, rated_and_edited, shortcuts, delete_dialog, source_panel]
OURS = [*SIGNED_OUT, nowhere, *CHAT, german_chat, temporary_chat, share_dialog, shared, source_page, document, inbox]
CONSOLE = [console_list, console_upload]
OpenPage = Callable[..., Page]


@pytest.mark.parametrize("open_page", OURS + CONSOLE)
def test_no_page_scrolls_sideways_on_a_phone(visitors: Visitors, open_page: OpenPage) -> None:
    page = open_page(visitors, **PHONE)
    assert page.evaluate(WIDTH) <= 390


@pytest.mark.parametrize("open_page", OURS)
def test_no_page_of_ours_shuts_people_out(visitors: Visitors, open_page: OpenPage) -> None:
    """axe finds nothing at all: contrast, names, roles, order, size; light and dark, wide and narrow."""
    page = open_page(visitors, **DESK)
    assert harm_everywhere(page) == []


def test_no_kind_of_answer_shuts_people_out(visitors: Visitors, slow_model: SlowModel) -> None:
    ben = visitors.signed_in(BEN, at=slow_model.url, **DESK)
    slow_model.simulator.script[:] = [Reply(text=RICH)]
    expect_state(ask(ben, QUESTION), "done")
    slow_model.simulator.script[:] = [Reply(text="I am not sure.")]
    expect_state(ask(ben, "Why does the moon have no mayor?"), "done")
    slow_model.simulator.script[:] = [Reply(status=400)]
    expect_state(ask(ben, "Who may take parental leave?"), "done")
    slow_model.simulator.script[:] = [Reply(text="Yes [1]. " * 400, piece_chars=9, token_s=0.2)]
    streaming = ask(ben, "May fathers take parental leave?")
    expect(streaming).to_contain_text("Yes")
    assert harm_everywhere(ben) == []
    expect_state(streaming, "running")
    streaming.get_by_role("button", name="Stop").click()
    expect_state(streaming, "done")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("open_page", CONSOLE)
def test_no_page_of_the_console_does_harm(visitors: Visitors, open_page: OpenPage, color_scheme: str) -> None:
    assert serious_harm(open_page(visitors, color_scheme=color_scheme, **DESK)) == []


def harm_everywhere(page: Page) -> list[str]:
    found = []
    schemes: list[Literal["light", "dark"]] = ["light", "dark"]
    for scheme in schemes:
        for width, height in SIZES:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": height})
            found += [f"{scheme} {width}: {finding}" for finding in harm(page, BEST)]
    return found


def serious_harm(page: Page) -> list[str]:
    """For the console, most of which is the theme's."""
    return [finding for finding in harm(page, WCAG_21) if HARMFUL & {*finding.split()}]


def harm(page: Page, standard: list[str]) -> list[str]:
    run_only = {"runOnly": {"type": "tag", "values": standard}}
    violations = Axe().run(page, options=run_only).response["violations"]
    return [
        f"{violation['impact']} {violation['id']}: {node['target']} {node['html'][:200]}"
        for violation in violations
        for node in violation["nodes"]
    ]
