"""Tools in Chromium: the card of a change, clicked and reloaded, and what was looked up."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.company import Company
from tests.browser.founding import BEN
from tests.browser.visitors import Visitors, ask, expect_state
from tests.chat.systems import System, running_system
from tests.serve.running import manage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TICKET = "Please open an IT ticket: my laptop does not start any more."
DAYS = "How many vacation days do I have left?"
CONNECT = """
from tests.chat.systems import make_connector, make_ticket_connector
make_connector({url!r})
make_ticket_connector({url!r})
"""
DISCONNECT = "from chat.tools.models import Connector; Connector.objects.all().delete()"


@pytest.fixture(scope="module")
def system(company: Company) -> Iterator[System]:
    with running_system() as running:
        connected = manage(company.environment, "shell", "-v0", "-c", CONNECT.format(url=running.url))
        assert connected.returncode == 0, connected.stderr
        yield running
        manage(company.environment, "shell", "-v0", "-c", DISCONNECT)


@pytest.fixture
def ben(visitors: Visitors, system: System) -> Page:
    system.heard.clear()
    system.says({"remaining_days": 17, "year": 2026, "ticket": "IT-7"})
    return visitors.signed_in(BEN)


def card_of(page: Page) -> Locator:
    answer = ask(page, TICKET)
    expect_state(answer, "done")
    card = answer.locator("[data-tool-state]")
    expect(card).to_have_attribute("data-tool-state", "proposed")
    return card


def test_a_look_up_answers_and_shows_where_it_comes_from(ben: Page) -> None:
    answer = ask(ben, DAYS)
    expect_state(answer, "done")
    expect(answer).to_contain_text("According to the HR system: You have 17 vacation days left in 2026.")
    answer.get_by_text("Looked up: Vacation balance").click()
    expect(answer.locator(".tool-result")).to_contain_text('"remaining_days": 17')


def test_a_change_is_shown_then_done_by_the_click_and_stays_after_a_reload(ben: Page, system: System) -> None:
    card = card_of(ben)
    expect(card).to_contain_text(TICKET)
    assert system.heard == []
    card.get_by_role("button", name="Do it").dblclick()
    expect(ben.locator("[data-tool-state=done]")).to_contain_text("Ticket IT-7 is open.")
    ben.reload()
    done = ben.locator("[data-tool-state=done]")
    expect(done).to_contain_text("Ticket IT-7 is open.")
    expect(done.get_by_role("button")).to_have_count(0)
    assert [heard.body for heard in system.heard] == [{"summary": TICKET}]


def test_a_second_tab_that_clicks_late_sees_what_was_done(ben: Page, system: System) -> None:
    card = card_of(ben)
    tab = ben.context.new_page()
    tab.goto(ben.url)
    card.get_by_role("button", name="Do it").click()
    expect(ben.locator("[data-tool-state=done]")).to_be_visible()
    tab.get_by_role("button", name="Do it").click()
    expect(tab.locator("[data-tool-state=done]")).to_contain_text("Ticket IT-7 is open.")
    assert len(system.heard) == 1


def test_a_change_can_be_declined(ben: Page, system: System) -> None:
    card_of(ben).get_by_role("button", name="Don’t").click()
    expect(ben.locator("[data-tool-state=declined]")).to_contain_text("Nothing was sent.")
    assert system.heard == []


def test_a_failure_says_why_and_can_be_tried_again_on_a_phone(visitors: Visitors, ben: Page, system: System) -> None:
    phone = visitors.signed_in(BEN, viewport={"width": 390, "height": 844})
    card = card_of(phone)
    system.says({"detail": "The ticket system is closed."}, status=503)
    card.get_by_role("button", name="Do it").click()
    failed = phone.locator("[data-tool-state=failed]")
    expect(failed).to_contain_text("HR system: The ticket system is closed.")
    system.says({"ticket": "IT-8"})
    failed.get_by_role("button", name="Try again").click()
    expect(phone.locator("[data-tool-state=done]")).to_contain_text("Ticket IT-8 is open.")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
