"""One company for all browser tests, one Chromium for each file of them, fresh visitors for each test."""

from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.company import Company, SlowModel, own_var, running_company, running_slow_model
from tests.browser.visitors import Visitors, running_chromium
from tests.llm_simulator import running_simulator


@pytest.fixture(scope="session")
def company() -> Iterator[Company]:
    with running_company(own_var("company")) as running:
        yield running


@pytest.fixture(scope="session")
def slow_model(company: Company) -> Iterator[SlowModel]:
    with running_simulator() as simulator, running_slow_model(company, simulator, own_var("second-web")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For a module only: Playwright keeps a loop running in this thread, which other modules' tests can't bear."""
    with sync_playwright() as playwright, running_chromium(playwright) as browser:
        yield browser


@pytest.fixture
def visitors(company: Company, chromium: Browser) -> Iterator[Visitors]:
    """Whatever a test is about: no page of it may complain, break the Content-Security-Policy, or ask far away."""
    people = Visitors(chromium, company)
    yield people
    people.leave()
    assert people.complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    people = getattr(item, "funcargs", {}).get("visitors")
    if people and call.when == "call" and report.failed:
        report.sections.append(("What the browser showed", "\n".join(people.screenshots())))
    return report
