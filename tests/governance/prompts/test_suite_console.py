"""Suites in the console: who sees and does what."""

import html
from typing import Any

import pytest
from django.test import Client

from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.prompts.suites.models import Suite, SuiteCase, SuiteOverride, SuiteRun
from governance.prompts.versions.models import PromptVersion
from tests.governance.prompts.suites import make_ended, make_run, make_suite
from tests.governance.prompts.versions import make_approver, make_author, make_submitted

pytestmark = pytest.mark.django_db
CASES, RUNS = "/admin/governance/suitecase/", "/admin/governance/suiterun/"


@pytest.fixture
def ada() -> User:
    return make_author()


@pytest.fixture
def zoe() -> User:
    return make_approver("zoe@acme.example")


@pytest.fixture
def suite() -> Suite:
    return make_suite()


@pytest.fixture
def version(ada: User) -> PromptVersion:
    return make_submitted(ada)


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return html.unescape(response.content.decode())


def filled(suite: Suite, **fields: Any) -> dict[str, Any]:
    plain = {"suite": suite.pk, "key": "twins", "question": "And for twins?", "kind": "normal", "is_active": "on"}
    return plain | {"floor": "0.7", "times": "1", "must_contain": "18 | eighteen"} | fields


def test_a_run_that_goes_on_looks_again_and_an_ended_one_does_not(
    client: Client, ada: User, suite: Suite, version: PromptVersion
) -> None:
    run = make_run(suite, version)
    live = f"{RUNS}{run.pk}/live/"
    assert f'hx-get="{live}"' in page(signed_in(client, ada), live)
    SuiteRun.objects.filter(pk=run.pk).update(state="done")
    assert "hx-get" not in page(client, live)


def test_the_page_of_a_run_says_what_was_expected_and_what_came(
    client: Client, ada: User, suite: Suite, version: PromptVersion
) -> None:
    released = PromptVersion.objects.get(prompt="condense", state="released")
    make_ended(suite, released)
    run = make_ended(suite, version, failing=["weeks"])
    shown = page(signed_in(client, ada), f"{RUNS}{run.pk}/change/")
    assert "Must contain" in shown
    assert "“16”" in shown
    assert "1 worse, 0 better" in shown
    case = page(client, f"{RUNS}{run.pk}/case/weeks/")
    assert "You get 16 weeks." in case
    assert "The released version said" in case


def test_the_review_shows_the_suite_and_offers_to_override_to_who_may(
    client: Client, ada: User, zoe: User, suite: Suite, version: PromptVersion
) -> None:
    make_ended(suite, version, failing=["weeks"])
    assert "can’t be approved" in page(signed_in(client, ada), version.get_absolute_url())
    assert "Let it pass all the same" not in page(client, version.get_absolute_url())
    assert "Let it pass all the same" in page(signed_in(client, zoe), version.get_absolute_url())
    client.post(f"{RUNS}override/{suite.pk}/{version.pk}/", {"reason": "The case is wrong."})
    assert SuiteOverride.objects.get().by == zoe
    assert "The case is wrong." in page(client, version.get_absolute_url())


def test_a_red_suite_refuses_the_approval_on_the_page(
    client: Client, zoe: User, suite: Suite, version: PromptVersion
) -> None:
    make_ended(suite, version, failing=["weeks"])
    act = f"/admin/governance/promptversion/{version.pk}/do/approve/"
    said = signed_in(client, zoe).post(act, {"seen": version.sha256}, follow=True)
    assert "is red" in html.unescape(said.content.decode())
    assert PromptVersion.objects.get(pk=version.pk).state == "in_review"


def test_the_author_overrides_nothing_by_address(
    client: Client, ada: User, suite: Suite, version: PromptVersion
) -> None:
    make_ended(suite, version, failing=["weeks"])
    response = signed_in(client, ada).post(f"{RUNS}override/{suite.pk}/{version.pk}/", {"reason": "So."})
    assert response.status_code == 403
    assert not SuiteOverride.objects.exists()


def test_an_author_adds_a_case_and_changes_none(client: Client, ada: User, suite: Suite) -> None:
    signed_in(client, ada).post(f"{CASES}add/", filled(suite))
    case = SuiteCase.objects.get(key="twins")
    assert (case.must_contain, case.created_by, case.source) == ([["18", "eighteen"]], ada, "person")
    response = client.post(f"{CASES}{case.pk}/change/", filled(suite, must_contain=""))
    assert response.status_code == 403
    case.refresh_from_db()
    assert case.must_contain == [["18", "eighteen"]]


def test_an_approver_changes_a_case_on_record(client: Client, zoe: User, suite: Suite) -> None:
    case = suite.cases.get(key="weeks")
    signed_in(client, zoe).post(f"{CASES}{case.pk}/change/", filled(suite, key="weeks", question=case.question))
    case.refresh_from_db()
    assert case.must_contain == [["18", "eighteen"]]
    event = AuditEvent.objects.get(action="suite_case.change")
    assert (event.actor, event.details["before"]["must_contain"]) == (zoe, [["16"]])


@pytest.mark.parametrize("address", [CASES, RUNS, "/admin/governance/suite/"])
def test_cleo_sees_nothing(client: Client, cleo: User, suite: Suite, address: str) -> None:
    cleo.is_staff = True
    cleo.save()
    assert signed_in(client, cleo).get(address).status_code == 403


def test_cleo_opens_no_run_and_starts_none(client: Client, cleo: User, suite: Suite, version: PromptVersion) -> None:
    run = make_run(suite, version)
    cleo.is_staff = True
    cleo.save()
    signed_in(client, cleo)
    for address in (f"{RUNS}{run.pk}/change/", f"{RUNS}{run.pk}/live/", f"{RUNS}{run.pk}/case/weeks/"):
        assert client.get(address).status_code == 403
    assert client.post(f"{RUNS}start/{suite.pk}/{version.pk}/").status_code == 403


def test_the_lists_open(client: Client, zoe: User, suite: Suite, version: PromptVersion) -> None:
    make_ended(suite, version)
    signed_in(client, zoe)
    assert "condense" in page(client, "/admin/governance/suite/")
    assert "How many weeks?" in page(client, CASES)
    assert version.label in page(client, RUNS)
