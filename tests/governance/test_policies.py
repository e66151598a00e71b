"""Policies: versions, what is live for whom, and what goes on record."""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.guardrails.guards import GUARDS
from governance.guardrails.policies.live import FRESH_S, live
from governance.guardrails.policies.models import DryRun, GuardPolicy, GuardRule
from governance.guardrails.policies.services import draft, make_live, retire, tried
from governance.guardrails.policy import DEFAULT, policy_for
from governance.guardrails.values import Action

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    live.forget()
    yield
    live.forget()


def try_out(policy: GuardPolicy) -> GuardPolicy:
    """As its dry run would leave it."""
    now = timezone.now()
    DryRun.objects.create(policy=policy, against="default@0", state=DryRun.State.DONE, started_at=now, finished_at=now)
    return policy


def make_policy(actor: User, group: Group | None = None, **rules: str) -> GuardPolicy:
    policy = draft(actor=actor, group=group, note="Stricter")
    for name, action in rules.items():
        GuardRule.objects.filter(policy=policy, name=name).update(action=action)
    return make_live(actor=actor, policy=try_out(policy))


def test_until_somebody_makes_one_live_what_is_shipped_holds(ana: User) -> None:
    draft(actor=ana, group=None, note="An attempt")
    assert policy_for(frozenset()) is DEFAULT


def test_a_draft_begins_as_what_holds_today(ana: User) -> None:
    policy = draft(actor=ana, group=None, note="An attempt")
    rules = {rule.name: rule for rule in policy.rules.filter(about=GuardRule.About.QUESTION)}
    assert set(rules) == {*DEFAULT.inputs, *(guard.name for guard in GUARDS)}
    assert (rules["injection"].action, rules["injection"].threshold) == ("block", DEFAULT.inputs["injection"].threshold)
    assert policy.label == "default@1"


def test_live_holds_for_everyone_without_one_of_their_own(ana: User, team: Group) -> None:
    make_policy(ana, harm="warn")
    make_policy(ana, team, harm="allow")
    assert policy_for(frozenset()).inputs["harm"].action is Action.WARN
    assert policy_for(frozenset({team.pk})).inputs["harm"].action is Action.ALLOW
    assert policy_for(frozenset({team.pk})).version == "team-a@1"


def test_of_two_groups_the_one_whose_name_comes_first_decides(ana: User, team: Group) -> None:
    other = Group.objects.create(name="Aardvarks")
    make_policy(ana, team, harm="allow")
    make_policy(ana, other, harm="warn")
    assert policy_for(frozenset({team.pk, other.pk})).version == "aardvarks@1"


def test_another_process_s_change_is_seen_without_a_notice(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert policy_for(frozenset()) is DEFAULT
    policy = try_out(draft(actor=ana, group=None, note="Elsewhere"))
    GuardPolicy.objects.filter(pk=policy.pk).update(state="live", live_at=timezone.now())  # as another process did
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + FRESH_S)
    monkeypatch.setattr("governance.gateway.money.remembered.time", later)
    assert policy_for(frozenset()).version == "default@1"


def test_it_is_not_asked_for_at_each_question(ana: User) -> None:
    make_policy(ana)
    policy_for(frozenset())
    with CaptureQueriesContext(connection) as queries:
        for _ in range(20):
            policy_for(frozenset({1, 2}))
    assert not queries.captured_queries


def test_the_version_before_retires(ana: User) -> None:
    first, second = make_policy(ana), make_policy(ana, harm="warn")
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "live")


def test_the_database_holds_one_live_for_each_group(ana: User, team: Group) -> None:
    make_policy(ana, team)
    make_policy(ana)
    for group in (team, None):
        with pytest.raises(IntegrityError, match="guardpolicy_one_live_for_group"), transaction.atomic():
            GuardPolicy.objects.create(group=group, number=9, note="x", state="live", live_at=timezone.now())


def test_nothing_goes_live_untried(ana: User) -> None:
    policy = draft(actor=ana, group=None, note="An attempt")
    with pytest.raises(Conflict, match="dry run first"):
        make_live(actor=ana, policy=policy)


def test_a_dry_run_is_old_once_the_draft_is_edited(ana: User) -> None:
    policy = try_out(draft(actor=ana, group=None, note="An attempt"))
    assert tried(policy)
    policy.changed_at = timezone.now()
    policy.save()
    assert tried(policy) is None


def test_what_was_live_can_t_be_made_live_again_but_copied(ana: User) -> None:
    first = make_policy(ana, harm="warn")
    make_policy(ana, harm="allow")
    first.refresh_from_db()
    with pytest.raises(Conflict):
        make_live(actor=ana, policy=first)
    again = draft(actor=ana, group=None, note="Back", like=first)
    assert again.rules.get(name="harm").action == "warn"


def test_making_live_is_on_record_with_before_and_after(ana: User) -> None:
    make_policy(ana, harm="warn")
    event = AuditEvent.objects.get(action="guard_policy.make_live")
    assert event.target == "default@1"
    assert event.details["before"]["question harm"].startswith("block")
    assert event.details["after"]["question harm"].startswith("warn")
    assert "question injection" not in event.details["after"]


def test_hidden_words_stay_out_of_the_record(ana: User) -> None:
    policy = draft(actor=ana, group=None, note="A code name")
    policy.hidden = "Project Quokka\n\n  Project Quokka \nWombat"
    policy.save()
    make_live(actor=ana, policy=try_out(policy))
    assert policy_for(frozenset()).hidden == ("Project Quokka", "Wombat")
    details = str(AuditEvent.objects.get(action="guard_policy.make_live").details)
    assert "words to hide" in details
    assert "Quokka" not in details


def test_retired_without_a_successor_what_is_shipped_holds_again(ana: User) -> None:
    policy = make_policy(ana, harm="warn")
    retire(actor=ana, policy=policy)
    assert policy_for(frozenset()) is DEFAULT
    with pytest.raises(Conflict):
        retire(actor=ana, policy=policy)


def test_a_version_says_why(ana: User) -> None:
    with pytest.raises(InvalidInput):
        draft(actor=ana, group=None, note="  ")
