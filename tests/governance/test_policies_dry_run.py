"""What a draft would have made of last week's questions."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from askacme.lib.errors import Conflict
from governance.access.models import User
from governance.audit.models import AuditedAnswer
from governance.guardrails.policies.dry_run import run
from governance.guardrails.policies.live import live
from governance.guardrails.policies.models import DryRun, GuardPolicy, GuardRule
from governance.guardrails.policies.services import draft, start_dry_run
from governance.guardrails.policies.shown import shown
from governance.guardrails.values import Judgement
from tests.governance.guards import Breaks, Says

pytestmark = pytest.mark.django_db(transaction=True)
GUARD = Says(("attack",))


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("governance.guardrails.policies.services.dry_run.delay", lambda _pk: None)
    live.forget()
    yield
    live.forget()


def answered(question: str, user: User, *, days_ago: int = 1) -> AuditedAnswer:
    at = timezone.now() - timedelta(days=days_ago)
    return AuditedAnswer.objects.create(
        request_id=uuid4(), user=user, question=question, status="success", at=at, asked_at=at
    )


@pytest.fixture
def lenient(ana: User) -> GuardPolicy:
    policy = draft(actor=ana, group=None, note="Only warn")
    GuardRule.objects.filter(policy=policy, name="injection").update(action="warn")
    return policy


def test_it_counts_verdicts_now_and_then_and_names_what_changes(ana: User, lenient: GuardPolicy) -> None:
    attack = answered("an attack", ana)
    answered("How many days?", ana)
    started = start_dry_run(actor=ana, policy=lenient)
    run(started.pk, guards=[GUARD])
    started.refresh_from_db()
    assert (started.state, started.total, started.done) == ("done", 2, 2)
    assert started.counts_now == {"allow": 1, "block": 1}
    assert started.counts_then == {"allow": 1, "warn": 1}
    assert started.changes == [
        {"request_id": str(attack.request_id), "now": "block", "then": "warn", "code": "injection.override"}
    ]


def test_the_page_shows_the_questions_as_long_as_they_are_there(ana: User, lenient: GuardPolicy) -> None:
    answered("an attack", ana)
    started = start_dry_run(actor=ana, policy=lenient)
    run(started.pk, guards=[GUARD])
    (change,) = shown(lenient).changes
    assert (change.question, change.is_stricter) == ("an attack", False)
    DryRun.objects.update(changes=[{"request_id": str(uuid4()), "now": "allow", "then": "block", "code": ""}])
    (change,) = shown(lenient).changes
    assert (change.question, change.is_stricter) == ("", True)


def test_older_questions_are_left_alone(ana: User, lenient: GuardPolicy) -> None:
    answered("an attack", ana, days_ago=8)
    started = start_dry_run(actor=ana, policy=lenient)
    run(started.pk, guards=[GUARD])
    started.refresh_from_db()
    assert (started.state, started.total) == ("done", 0)


def test_a_group_s_policy_is_tried_on_its_people_s_questions(ana: User, cleo: User, team: Group) -> None:
    answered("an attack", ana)
    answered("another attack", cleo)
    started = start_dry_run(actor=ana, policy=draft(actor=ana, group=team, note="For us"))
    run(started.pk, guards=[GUARD])
    started.refresh_from_db()
    assert started.total == 1


def test_a_guard_that_breaks_ends_the_run_as_failed(ana: User, lenient: GuardPolicy) -> None:
    answered("an attack", ana)
    started = start_dry_run(actor=ana, policy=lenient)
    run(started.pk, guards=[Breaks()])
    started.refresh_from_db()
    assert started.state == "failed"
    assert start_dry_run(actor=ana, policy=lenient).pk != started.pk


def test_a_double_click_starts_one(ana: User, lenient: GuardPolicy) -> None:
    start_dry_run(actor=ana, policy=lenient)
    with pytest.raises(Conflict, match="under way"):
        start_dry_run(actor=ana, policy=lenient)


def test_one_whose_worker_died_keeps_nobody_waiting_for_ever(ana: User, lenient: GuardPolicy) -> None:
    start_dry_run(actor=ana, policy=lenient)
    DryRun.objects.update(started_at=timezone.now() - timedelta(hours=1), state="running")
    start_dry_run(actor=ana, policy=lenient)
    assert DryRun.objects.filter(state="failed").count() == 1


def test_a_message_that_comes_twice_runs_once(ana: User, lenient: GuardPolicy) -> None:
    class Counts(Says):
        def judge(self, text: str, vector: object) -> Judgement:
            self.looked_at.append(text)
            return Judgement()

    answered("an attack", ana)
    guard, started = Counts(), start_dry_run(actor=ana, policy=lenient)
    run(started.pk, guards=[guard])
    run(started.pk, guards=[guard])
    assert guard.looked_at == ["an attack"]
