"""A red suite stands before approval; how three people may pass it all the same."""

import pytest
from django.db import IntegrityError, transaction

from askacme.lib.errors import Conflict, InvalidInput, NotAllowed, SuiteRed
from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.prompts.suites.cases import CaseSpec
from governance.prompts.suites.models import Suite, SuiteOverride, SuiteRun
from governance.prompts.suites.services import override, start_run
from governance.prompts.versions.models import PromptVersion
from governance.prompts.versions.services import approve
from tests.governance.prompts.suites import make_ended, make_run, make_suite
from tests.governance.prompts.versions import make_approver, make_author, make_both, make_submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_author()


@pytest.fixture
def bob() -> User:
    return make_approver()


@pytest.fixture
def zoe() -> User:
    return make_approver("zoe@acme.example")


@pytest.fixture
def suite() -> Suite:
    return make_suite()


@pytest.fixture
def version(ada: User) -> PromptVersion:
    return make_submitted(ada)


def approved(version: PromptVersion, by: User) -> str:
    approve(version=version, actor=by, seen=version.sha256)
    return PromptVersion.objects.get(pk=version.pk).state


def test_a_version_that_was_not_run_is_not_approved(suite: Suite, version: PromptVersion, bob: User) -> None:
    with pytest.raises(SuiteRed, match="was not run"):
        approved(version, bob)


def test_a_red_suite_blocks_and_says_how_red(suite: Suite, version: PromptVersion, bob: User) -> None:
    make_ended(suite, version, failing=["weeks"])
    with pytest.raises(SuiteRed, match="1 of 2 cases fail"):
        approved(version, bob)
    assert PromptVersion.objects.get(pk=version.pk).state == "in_review"


def test_a_green_suite_lets_it_pass(suite: Suite, version: PromptVersion, bob: User) -> None:
    make_ended(suite, version)
    assert approved(version, bob) == "approved"


def test_the_last_run_counts(suite: Suite, version: PromptVersion, bob: User) -> None:
    make_ended(suite, version)
    make_ended(suite, version, failing=["weeks"])
    with pytest.raises(SuiteRed):
        approved(version, bob)


def test_a_run_that_is_under_way_says_nothing_yet(suite: Suite, version: PromptVersion, bob: User) -> None:
    make_ended(suite, version)
    make_run(suite, version)
    with pytest.raises(SuiteRed, match="is running"):
        approved(version, bob)


def test_a_green_run_of_other_cases_is_worth_nothing(suite: Suite, version: PromptVersion, bob: User) -> None:
    make_ended(suite, version)
    suite.cases.filter(key="weeks").update(must_contain=[["18"]])
    with pytest.raises(SuiteRed, match="have changed"):
        approved(version, bob)


def test_a_suite_without_cases_in_use_blocks_nobody(suite: Suite, version: PromptVersion, bob: User) -> None:
    suite.cases.update(is_active=False)
    assert approved(version, bob) == "approved"


def test_a_suite_for_another_prompt_blocks_nobody(version: PromptVersion, bob: User) -> None:
    make_suite(prompts=["answer"])
    assert approved(version, bob) == "approved"


def test_a_third_person_approves_what_a_second_one_lets_pass(
    suite: Suite, version: PromptVersion, bob: User, zoe: User
) -> None:
    run = make_ended(suite, version, failing=["weeks"])
    override(version=version, suite=suite, reason="The handbook has changed.", actor=zoe)
    with pytest.raises(NotAllowed):
        approved(version, zoe)
    assert approved(version, bob) == "approved"
    assert SuiteOverride.objects.get(run=run).approver == bob
    event = AuditEvent.objects.get(action="prompt_version.override_suite")
    assert (event.actor, event.details["reason"]) == (zoe, "The handbook has changed.")


def test_an_override_holds_for_its_run_only(suite: Suite, version: PromptVersion, bob: User, zoe: User) -> None:
    make_ended(suite, version, failing=["weeks"])
    override(version=version, suite=suite, reason="As it should be.", actor=zoe)
    make_ended(suite, version, failing=["colour"])
    with pytest.raises(SuiteRed):
        approved(version, bob)


def test_the_author_overrides_nothing(suite: Suite, bob: User) -> None:
    eve = make_both()
    mine = make_submitted(eve)
    make_ended(suite, mine, failing=["weeks"])
    with pytest.raises(NotAllowed):
        override(version=mine, suite=suite, reason="Trust me.", actor=eve)


def test_the_database_keeps_the_three_people_apart(suite: Suite, version: PromptVersion, ada: User, zoe: User) -> None:
    run = make_ended(suite, version, failing=["weeks"])
    with pytest.raises(IntegrityError, match="suiteoverride_by_is_not_author"), transaction.atomic():
        SuiteOverride.objects.create(run=run, by=ada, author=ada, reason="So.")
    with pytest.raises(IntegrityError, match="suiteoverride_by_is_not_approver"), transaction.atomic():
        SuiteOverride.objects.create(run=run, by=zoe, author=ada, approver=zoe, reason="So.")
    with pytest.raises(IntegrityError, match="suiteoverride_has_a_reason"), transaction.atomic():
        SuiteOverride.objects.create(run=run, by=zoe, author=ada)


def test_an_override_takes_a_reason_and_something_red(suite: Suite, version: PromptVersion, zoe: User) -> None:
    with pytest.raises(Conflict, match="nothing to override"):
        override(version=version, suite=suite, reason="So.", actor=zoe)
    make_ended(suite, version, failing=["weeks"])
    with pytest.raises(InvalidInput):
        override(version=version, suite=suite, reason="  ", actor=zoe)


def test_who_may_not_is_refused(suite: Suite, version: PromptVersion, ada: User, cleo: User) -> None:
    with pytest.raises(NotAllowed):
        start_run(suite=suite, version=version, actor=cleo, later=lambda _: None)
    make_ended(suite, version, failing=["weeks"])
    with pytest.raises(NotAllowed):
        override(version=version, suite=suite, reason="So.", actor=cleo)


def test_one_run_of_a_version_at_a_time(suite: Suite, version: PromptVersion, ada: User) -> None:
    run = start_run(suite=suite, version=version, actor=ada, later=lambda _: None)
    assert (run.total, run.state, run.started_by) == (2, "queued", ada)
    with pytest.raises(Conflict, match="running"):
        start_run(suite=suite, version=version, actor=ada, later=lambda _: None)
    assert AuditEvent.objects.filter(action="suite.run", target=version.label).count() == 1


def test_one_that_fell_silent_does_not_stand_in_the_way(suite: Suite, version: PromptVersion, ada: User) -> None:
    run = make_run(suite, version)
    SuiteRun.objects.filter(pk=run.pk).update(touched_at="2026-01-01T00:00Z")
    assert start_run(suite=suite, version=version, actor=ada, later=lambda _: None).pk != run.pk


def test_what_people_made_of_a_shipped_suite_stays() -> None:
    suite = make_suite()
    suite.cases.filter(key="weeks").update(must_contain=[["18"]])
    make_suite(CaseSpec("weeks", "How many?"), CaseSpec("new", "What else?"))
    assert suite.cases.get(key="weeks").must_contain == [["18"]]
    assert not suite.cases.filter(key="new").exists()
