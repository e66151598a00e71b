"""The canary's monitor: what it takes back, what it leaves alone, and what its owner is told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pydantic import SecretStr
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from governance.access.models import User
from governance.prompts.releases.figures import Figure, figures_of
from governance.prompts.releases.models import Release
from governance.prompts.releases.monitor import watch
from governance.prompts.releases.services import release
from tests.governance.prompts.releases.answers import make_answers, make_people
from tests.governance.prompts.versions import make_approved, make_approver, make_author

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> User:
    return make_approver()


@pytest.fixture
def canary(bob: User) -> Release:
    return release(recipe_of=make_approved(make_author(), bob), share=10, actor=bob)


def figure(canary: Release, name: str) -> Figure:
    return next(found for found in figures_of(canary) if found.guarded.name == name)


def seen_after(canary: Release) -> Release:
    canary.refresh_from_db()
    return canary


def test_without_a_canary_nothing_happens() -> None:
    assert watch() == ""


def test_a_canary_as_good_as_the_rest_goes_on(canary: Release) -> None:
    make_answers(canary, "canary", make_people("c", 30), good=0.8)
    make_answers(canary, "rest", make_people("r", 200), good=0.8)
    assert watch() == ""
    assert seen_after(canary).state == "canary"
    assert {figure(canary, name).in_words for name in ("answered", "proof", "errors", "cost")} == {"the same"}


def test_fewer_thumbs_take_it_back_with_the_reason_in_words(canary: Release) -> None:
    make_answers(canary, "canary", make_people("c", 60), good=0.3)
    make_answers(canary, "rest", make_people("r", 200), good=0.8)
    assert watch() == "taken back"
    assert seen_after(canary).state == "taken_back"
    assert "Thumbs up: between" in canary.reason
    assert "points worse" in canary.reason
    assert "60 people in the canary, 200 in the rest" in canary.reason


def test_lost_answers_take_it_back(canary: Release) -> None:
    make_answers(canary, "canary", make_people("c", 30), status="no_answer", confidence=None)
    make_answers(canary, "rest", make_people("r", 100))
    assert watch() == "taken back"
    assert "Questions answered" in seen_after(canary).reason


def test_a_better_canary_goes_on(canary: Release) -> None:
    make_answers(canary, "canary", make_people("c", 60), good=0.9)
    make_answers(canary, "rest", make_people("r", 200), good=0.3)
    assert watch() == ""
    assert "points better" in figure(canary, "thumbs").in_words


def test_a_little_dearer_is_no_harm_and_much_dearer_is(canary: Release) -> None:
    people = make_people("c", 40)
    make_answers(canary, "rest", make_people("r", 100), latency_ms=1000)
    make_answers(canary, "canary", people, latency_ms=1100)
    assert figure(canary, "latency").state == "worse"
    assert watch() == ""
    make_answers(canary, "canary", people, latency_ms=3000)
    assert watch() == "taken back"


def test_with_too_few_people_nothing_is_concluded(canary: Release) -> None:
    make_answers(canary, "canary", make_people("c", 7), good=0.0)
    make_answers(canary, "rest", make_people("r", 200))
    assert watch() == ""
    assert figure(canary, "thumbs").in_words.startswith("too few people yet (7 in the canary, 200 in the rest;")


def test_errors_without_end_need_no_statistics(canary: Release) -> None:
    make_answers(canary, "canary", make_people("c", 2), status="error", confidence=None)
    make_answers(canary, "rest", make_people("r", 5))
    assert watch() == "taken back"
    assert seen_after(canary).reason.startswith("Errors: 10 of the 10 answers of the canary's 2 people")


def test_errors_that_everybody_has_are_not_the_canary_s(canary: Release) -> None:
    for arm, many in (("canary", 2), ("rest", 5)):
        make_answers(canary, arm, make_people(arm, many), status="error", confidence=None)
    assert watch() == ""


def test_its_owner_is_told_by_e_mail(
    canary: Release,
    bob: User,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.ASKACME = settings.ASKACME.model_copy(update={"email_url": SecretStr("smtp://mail.acme.example")})
    make_answers(canary, "canary", make_people("c", 30), status="no_answer", confidence=None)
    make_answers(canary, "rest", make_people("r", 100))
    with django_capture_on_commit_callbacks(execute=True):
        watch()
    [told] = mail.outbox
    assert told.to == [bob.email]
    assert "Questions answered" in told.body
    assert f"/admin/governance/release/{canary.pk}/change/" in told.body


def test_it_promotes_itself_when_its_rule_is_met(bob: User) -> None:
    version = make_approved(make_author(), bob)
    canary = release(recipe_of=version, share=10, actor=bob, promote_after=(10, 2))
    people = make_people("c", 10)
    make_answers(canary, "canary", people[:9])
    later = timezone.now() + timedelta(days=2, minutes=1)
    assert watch(now=later) == ""
    make_answers(canary, "canary", people[9:])
    assert watch() == ""
    assert watch(now=later) == "promoted"
    assert seen_after(canary).state == "full"
