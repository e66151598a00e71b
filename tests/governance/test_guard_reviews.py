""" "This was wrong", what becomes of it, and alerts about accounts that attack again and again."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from pydantic import SecretStr
from pytest_django import Settings

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.models import User
from governance.audit.holds import keep_for, place_hold
from governance.audit.models import AuditEvent
from governance.audit.retention import apply_retention
from governance.guardrails.policy import DEFAULT
from governance.guardrails.reviews.alerts import acknowledge, is_attack, note_attack, tell
from governance.guardrails.reviews.examples import as_examples
from governance.guardrails.reviews.models import AbuseAlert, BlockedAttack, GuardReview
from governance.guardrails.reviews.services import contest, decide
from governance.guardrails.values import Action, GuardVerdict
from tests.cast import make_user

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timezone.now() - timedelta(days=31)
VERDICT = GuardVerdict("injection", "1", Action.BLOCK, 0.9, "injection.override")


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The alerts that a worker would tell of."""
    alerts: list[int] = []
    monkeypatch.setattr("governance.guardrails.reviews.alerts.tell_of.delay", alerts.append)
    return alerts


def contested(user: User, **fields: str) -> GuardReview:
    given = {"question": "How do I override a booking?", "comment": "", **fields}
    return contest(user=user, request_id=uuid4(), verdict=VERDICT, policy="default@0", **given)


def attack(user: User, request_id: UUID | None = None) -> AbuseAlert | None:
    return note_attack(user_id=user.pk, request_id=request_id or uuid4(), verdict=VERDICT, policy=DEFAULT)


def test_said_twice_it_is_one_review_with_the_last_comment(ana: User) -> None:
    pk = uuid4()
    for comment in ("", "It is a booking."):
        contest(user=ana, request_id=pk, verdict=VERDICT, policy="default@0", question="q", comment=comment)
    review = GuardReview.objects.get()
    assert (review.comment, review.code) == ("It is a booking.", "injection.override")
    assert AuditEvent.objects.filter(action="guard_review.ask").count() == 1


def test_a_comment_has_an_end(ana: User) -> None:
    with pytest.raises(InvalidInput):
        contested(ana, comment="x" * 1001)


def test_a_decision_is_on_record_and_stands(ana: User, ben: User) -> None:
    review = decide(actor=ben, review=contested(ana), outcome="overturned", note="Sorry!")
    assert (review.outcome, review.note, review.decided_by) == ("overturned", "Sorry!", ben)
    assert AuditEvent.objects.get(action="guard_review.decide").details["outcome"] == "overturned"
    with pytest.raises(Conflict):
        decide(actor=ben, review=review, outcome="upheld")


def test_no_other_outcome_is_known(ana: User, ben: User) -> None:
    with pytest.raises(InvalidInput):
        decide(actor=ben, review=contested(ana), outcome="maybe")


def test_overturned_ones_become_labelled_examples(ana: User, ben: User) -> None:
    review = decide(actor=ben, review=contested(ana, question="Überschreibe die Buchung"), outcome="overturned")
    decide(actor=ben, review=contested(ana, question="a real attack"), outcome="upheld")
    contested(ana, question="nobody has looked")
    (line,) = as_examples(GuardReview.objects.all()).splitlines()
    assert json.loads(line) == {
        "text": "Überschreibe die Buchung",
        "label": "none",
        "guard": "injection",
        "source": f"review {review.request_id}",
    }


def test_the_fifth_attack_in_ten_minutes_raises_one_alert(ana: User, told: list[int]) -> None:
    assert [attack(ana) for _ in range(4)] == [None] * 4
    alert = attack(ana)
    assert alert is not None
    assert (alert.attacks, alert.codes) == (5, ["injection.override"])
    assert attack(ana) is None
    alert.refresh_from_db()
    assert alert.attacks == 6
    assert AuditEvent.objects.filter(action="abuse.alert").count() == 1
    assert told == [alert.pk]


def test_old_attacks_and_other_people_s_don_t_count(ana: User, ben: User) -> None:
    for _ in range(4):
        attack(ana)
        attack(ben)
    BlockedAttack.objects.filter(user=ana).update(at=timezone.now() - timedelta(minutes=11))
    assert attack(ana) is None
    assert not AbuseAlert.objects.exists()


def test_one_question_counts_once(ana: User) -> None:
    pk = uuid4()
    assert [attack(ana, pk) for _ in range(6)] == [None] * 6
    assert BlockedAttack.objects.count() == 1


def test_acknowledged_it_counts_anew(ana: User, ben: User) -> None:
    for _ in range(5):
        attack(ana)
    alert = AbuseAlert.objects.get()
    acknowledge(actor=ben, alert=alert)
    with pytest.raises(Conflict):
        acknowledge(actor=ben, alert=alert)
    assert [attack(ana) for _ in range(4)] == [None] * 4
    assert attack(ana) is not None
    assert AbuseAlert.objects.count() == 2


def test_attacks_at_the_same_moment_raise_one_alert(ana: User) -> None:
    def one() -> None:
        attack(ana)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AbuseAlert.objects.get().attacks == 8


def test_the_policy_says_how_many(ana: User) -> None:
    strict = replace(DEFAULT, alert_after=1)
    assert note_attack(user_id=ana.pk, request_id=uuid4(), verdict=VERDICT, policy=strict)


@pytest.mark.parametrize(
    ("guard", "code", "counts"),
    [("injection", "injection.override", True), ("harm", "harm.harassment", True), ("harm", "harm.self_harm", False),
     ("topic", "topic.other", False)],
)  # fmt: skip
def test_only_attacks_count(guard: str, code: str, *, counts: bool) -> None:
    assert is_attack(replace(VERDICT, guard=guard, code=code)) is counts


def test_what_is_done_with_goes_after_its_time_and_what_waits_stays(ana: User, ben: User) -> None:
    keep_for(actor=ben, table="reviews", days=30)
    waiting, decided = contested(ana), decide(actor=ben, review=contested(ana), outcome="upheld")
    young, of_ben = decide(actor=ben, review=contested(ana), outcome="upheld"), contested(ben)
    decide(actor=ana, review=of_ben, outcome="upheld")
    GuardReview.objects.exclude(pk=young.pk).update(created_at=LONG_AGO)
    GuardReview.objects.filter(pk__in=[decided.pk, of_ben.pk]).update(decided_at=LONG_AGO)
    BlockedAttack.objects.create(request_id=uuid4(), user=ana, guard="harm", code="harm.hate", at=LONG_AGO)
    AbuseAlert.objects.create(user=ana, attacks=1, latest_at=LONG_AGO, acknowledged_at=LONG_AGO, acknowledged_by=ben)
    place_hold(actor=ana, reason="A case", person=ben)
    assert apply_retention()["reviews"] == 3
    assert set(GuardReview.objects.values_list("pk", flat=True)) == {waiting.pk, young.pk, of_ben.pk}


def test_security_is_told_by_e_mail_where_it_is_set_up(ana: User, settings: Settings) -> None:
    from governance.access.roles import ensure_roles

    make_user("sam@acme.example", ensure_roles()["Security"])
    for _ in range(5):
        attack(ana)
    alert = AbuseAlert.objects.get()
    tell(alert)
    assert not mail.outbox
    with_mail = {"email_url": SecretStr("smtp://mail.acme.example"), "public_url": "https://ask.acme.example"}
    settings.ASKACME = settings.ASKACME.model_copy(update=with_mail)
    tell(alert)
    (message,) = mail.outbox
    assert message.to == ["sam@acme.example"]
    assert ana.email in message.body
    assert "https://ask.acme.example/admin/governance/abusealert/" in message.body
