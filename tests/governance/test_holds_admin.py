"""Retention rules, legal holds and erasure in the console: auditors look, superusers decide, all on record."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.holds import place_hold
from governance.audit.models import AuditEvent, LegalHold, RetentionRule
from tests.cast import make_user
from tests.governance.answers_on_record import make_answer

pytestmark = pytest.mark.django_db
HOLDS, RULES = "/admin/governance/legalhold/", "/admin/governance/retentionrule/"
ERASE = "/admin/governance/auditevent/erase/"
REASON = "Request 12 of 3 May, by letter"


@pytest.fixture
def boss(client: Client) -> User:
    user = make_user("boss@acme.example", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_a_hold_is_placed_and_ended_and_both_are_on_record(client: Client, boss: User, ana: User) -> None:
    client.post(f"{HOLDS}add/", {"person": ana.pk, "reason": "Case 7"})
    hold = LegalHold.objects.get()
    assert (hold.person, hold.placed_by) == (ana, boss)
    client.post(HOLDS, {"action": "end_selected", "_selected_action": [hold.pk]})
    assert not LegalHold.objects.in_force().exists()
    acts = AuditEvent.objects.filter(action__startswith="legal_hold.").order_by("pk")
    assert [(act.action, act.target, act.actor) for act in acts] == [
        ("legal_hold.place", "ana@acme.example", boss),
        ("legal_hold.end", "ana@acme.example", boss),
    ]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a person, or everyone."),
        ({"for_everyone": "on", "until_0": "2020-01-01", "until_1": "10:00"}, "lies in the future"),
    ],
)
def test_a_hold_of_nobody_or_of_the_past_is_refused(
    client: Client, boss: User, sent: dict[str, str], said: str
) -> None:
    page = client.post(f"{HOLDS}add/", {"reason": "Case 7", **sent}).content.decode()
    assert said in page
    assert not LegalHold.objects.exists()


def test_a_hold_is_neither_changed_nor_deleted(client: Client, boss: User, ana: User) -> None:
    hold = place_hold(actor=boss, person=ana, reason="Case 7")
    assert client.get(f"{HOLDS}{hold.pk}/change/").status_code == 200
    assert client.post(f"{HOLDS}{hold.pk}/change/", {"reason": "Another"}).status_code == 403
    assert client.post(f"{HOLDS}{hold.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_rule_is_made_and_changed_on_record(client: Client, boss: User) -> None:
    client.post(f"{RULES}add/", {"table": "feedback", "days": "365"})
    rule = RetentionRule.objects.get(table="feedback")
    client.post(f"{RULES}{rule.pk}/change/", {"days": ""})
    rule.refresh_from_db()
    assert rule.days is None
    before_and_after = [
        (act.details["before"]["days"], act.details["after"]["days"])
        for act in AuditEvent.objects.filter(action="retention.change").order_by("pk")
    ]
    assert before_and_after == [(None, 365), (365, None)]


def test_what_no_rule_deletes_is_said_to_stay(client: Client, boss: User) -> None:
    page = client.get(RULES).content.decode()
    assert "Kept for ever:" in page


def test_what_an_erasure_would_remove_is_counted_and_nothing_is_removed(client: Client, boss: User, ana: User) -> None:
    make_answer(ana)
    page = client.get(ERASE, {"person": ana.email}).content.decode()
    assert "What goes with ana@acme.example" in page
    assert "<dt>answers</dt><dd>1</dd>" in page
    assert User.objects.filter(pk=ana.pk).exists()
    assert not AuditEvent.objects.filter(action="person.erase").exists()


def test_with_the_address_typed_again_and_a_reason_the_person_goes(client: Client, boss: User, ana: User) -> None:
    answer = make_answer(ana)
    client.post(ERASE, {"person": ana.email, "confirmed": "ANA@acme.example", "reason": REASON})
    assert not User.objects.filter(pk=ana.pk).exists()
    answer.refresh_from_db()
    assert answer.question == ""
    assert AuditEvent.objects.get(action="person.erase").actor == boss


@pytest.mark.parametrize(
    "sent", [{"confirmed": "ben@acme.example", "reason": REASON}, {"confirmed": "ana@acme.example", "reason": "so"}]
)
def test_a_slip_erases_nobody(client: Client, boss: User, ana: User, sent: dict[str, str]) -> None:
    page = client.post(ERASE, {"person": ana.email, **sent}).content.decode()
    assert 'class="console-reason"' in page
    assert User.objects.filter(pk=ana.pk).exists()


def test_who_is_under_a_hold_is_not_erased(client: Client, boss: User, ana: User) -> None:
    place_hold(actor=boss, person=ana, reason="Case 7", until=timezone.now() + timedelta(days=1))
    page = client.post(ERASE, {"person": ana.email, "confirmed": ana.email, "reason": REASON}).content.decode()
    assert "A legal hold covers this person" in page
    assert User.objects.filter(pk=ana.pk).exists()


@pytest.mark.parametrize("role", ["Auditors", "HR", "Managers"])
def test_none_but_superusers_decide(client: Client, ana: User, role: str) -> None:
    hold = place_hold(actor=None, person=ana, reason="Case 7")
    client.force_login(make_user("hana@acme.example", ensure_roles()[role], is_staff=True))
    assert client.get(ERASE, {"person": ana.email}).status_code == 403
    assert client.post(ERASE, {"person": ana.email, "confirmed": ana.email, "reason": REASON}).status_code == 403
    assert client.post(f"{HOLDS}add/", {"person": ana.pk, "reason": "Case 8"}).status_code == 403
    assert client.post(f"{RULES}add/", {"table": "feedback", "days": "1"}).status_code == 403
    client.post(HOLDS, {"action": "end_selected", "_selected_action": [hold.pk]})
    assert LegalHold.objects.in_force().count() == 1
    assert not RetentionRule.objects.filter(days=1).exists()


def test_cleo_sees_none_of_it(client: Client, cleo: User) -> None:
    client.force_login(cleo)
    for address in (ERASE, HOLDS, RULES):
        assert client.get(address, follow=True).status_code == 403
