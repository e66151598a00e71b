"""What is older than its rule goes, what a legal hold covers stays, and the chain holds."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from governance.access.models import User
from governance.audit import retention
from governance.audit.anchors import anchor_head
from governance.audit.answers import record_answer
from governance.audit.chain import verify
from governance.audit.holds import keep_for, place_hold
from governance.audit.models import AuditAnchor, AuditedAnswer, AuditEvent, AuditLink
from governance.audit.retention import apply_retention
from governance.audit.services import record
from governance.audit.stores import Held
from governance.gateway.models import Inference

pytestmark = pytest.mark.django_db(transaction=True)


def make_act(days: int, actor: User | None = None) -> AuditEvent:
    return AuditEvent.objects.create(at=ago(days), actor=actor, action="test.act", target=f"{days} days old")


def make_answer(days: int, user: User | None = None) -> AuditedAnswer:
    answer = AuditedAnswer(request_id=uuid4(), at=ago(days), asked_at=ago(days), user=user, status="success")
    answer.question = "?"
    record_answer(answer)
    return AuditedAnswer.objects.get(request_id=answer.request_id)


def make_call(days: int, user: User | None = None) -> Inference:
    names = {"purpose": "answer", "provider": "p", "model": "m", "status": "success"}
    return Inference.objects.create(request_id=uuid4(), user=user, created_at=ago(days), **names)


def ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def keep(table: str, days: int | None) -> None:
    keep_for(actor=None, table=table, days=days)


def kept_acts() -> list[str]:
    return list(AuditEvent.objects.filter(action="test.act").order_by("pk").values_list("target", flat=True))


def test_without_a_rule_all_is_kept_for_ever() -> None:
    make_call(4000)
    make_act(4000)
    keep("model_calls", None)
    assert apply_retention() == {}
    assert (Inference.objects.count(), kept_acts()) == (1, ["4000 days old"])


def test_old_model_calls_go_and_it_is_on_record(ana: User) -> None:
    make_call(31, ana)
    young = make_call(29, ana)
    keep("model_calls", 30)
    assert apply_retention() == {"model_calls": 1}
    assert list(Inference.objects.all()) == [young]
    assert AuditEvent.objects.get(action="retention.delete").details["rows"] == 1


def test_what_a_hold_covers_stays(ana: User, ben: User) -> None:
    mine, nobodys = make_call(31, ana), make_call(31)
    make_call(31, ben)
    place_hold(actor=None, person=ana, reason="Case 12")
    keep("model_calls", 30)
    apply_retention()
    assert list(Inference.objects.order_by("pk")) == [mine]
    assert not Inference.objects.filter(pk=nobodys.pk).exists()


def test_a_hold_of_everyone_stops_all_of_it(ana: User) -> None:
    make_call(31, ana)
    make_act(31)
    make_answer(31)
    place_hold(actor=None, person=None, reason="Case 12")
    for table in ("model_calls", "answers", "audit"):
        keep(table, 30)
    assert set(apply_retention().values()) == {0}
    assert verify().rows == AuditLink.objects.count() >= 5


def test_old_answers_lose_their_words_and_keep_their_figures(ana: User, ben: User) -> None:
    old, young, held = make_answer(31, ben), make_answer(29, ben), make_answer(31, ana)
    place_hold(actor=None, person=ana, reason="Case 12")
    keep("answers", 30)
    assert apply_retention() == {"answers": 1}
    for answer in (old, young, held):
        answer.refresh_from_db()
    assert [answer.question for answer in (old, young, held)] == ["", "?", "?"]
    assert old.status == "success"
    assert verify().problems == ()


@pytest.mark.parametrize("at_once", [2, 5000])
def test_the_oldest_of_the_record_is_cut_off_and_the_rest_verifies(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", at_once)
    for days in (50, 45, 40):
        make_act(days)
        make_answer(days)
    anchor_head()
    make_act(20)
    keep("audit", 30)
    assert apply_retention() == {"audit": 6}
    assert kept_acts() == ["20 days old"]
    assert not AuditedAnswer.objects.exists()
    assert AuditLink.objects.earliest("seq").seq == 7
    assert verify().problems == ()
    assert AuditEvent.objects.filter(action="audit.cut").latest("pk").details["first_kept"] == 7


def test_a_record_that_is_cut_off_as_a_whole_goes_on_where_it_was() -> None:
    make_act(50)
    retention.cut_part(timezone.now(), Held())
    assert [link.seq for link in AuditLink.objects.all()] == [2]
    assert verify().problems == ()


def test_the_cut_stops_at_what_a_hold_covers(ana: User) -> None:
    make_act(50)
    make_act(45, ana)
    make_act(40)
    place_hold(actor=None, person=ana, reason="Case 12")
    keep("audit", 30)
    apply_retention()
    assert kept_acts() == ["45 days old", "40 days old"]


def test_what_does_not_verify_is_not_cut() -> None:
    act = make_act(50)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE governance_auditevent SET target = 'other' WHERE id = %s", [act.pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    keep("audit", 30)
    assert apply_retention() == {"audit": 0}
    assert kept_acts() == ["other"]


def test_a_cut_that_nobody_signed_is_found() -> None:
    acts = [make_act(50) for _ in range(4)]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM governance_auditlink WHERE seq <= 2")
        cursor.execute("DELETE FROM governance_auditevent WHERE id <= %s", [acts[1].pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    assert [problem.what for problem in verify().problems] == ["the chain begins here, but should begin at 1"]
    AuditAnchor.objects.create(kind="cut", seq=2, hash=AuditLink.objects.get(seq=3).previous, signature="0" * 64)
    assert "was not signed here" in verify().problems[0].what


def test_a_changed_rule_is_on_record_with_before_and_after(ana: User) -> None:
    keep_for(actor=ana, table="audit", days=30)
    keep_for(actor=ana, table="audit", days=60)
    details = AuditEvent.objects.filter(action="retention.change").latest("pk").details
    assert (details["before"], details["after"]) == ({"days": 30}, {"days": 60})


def test_recording_goes_on_while_the_record_is_cut(ana: User) -> None:
    make_act(50)
    record(actor=ana, action="test.act", target="now")
    keep("audit", 30)
    apply_retention()
    record(actor=ana, action="test.act", target="later")
    assert kept_acts() == ["now", "later"]
    assert verify().problems == ()
