"""The audit record as OCSF events, one a line."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from governance.access.models import User
from governance.audit import export as exporting
from governance.audit.answers import record_answer
from governance.audit.export import export
from governance.audit.models import AuditedAnswer, AuditEvent
from governance.audit.services import record

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
REQUIRED = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid", "actor"}


def make_answer(user: User, at: datetime = NOON, **fields: object) -> None:
    given = {"status": "success", "asked_at": at - timedelta(seconds=2), **fields}
    record_answer(AuditedAnswer(request_id=uuid4(), at=at, user=user, **given))


def make_act(at: datetime, **fields: Any) -> None:
    AuditEvent.objects.create(at=at, **{"action": "document.change", "target": "leave.pdf", **fields})


def exported(**chosen: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export(actor=None, **chosen)]


def test_an_answer_is_api_activity(ana: User) -> None:
    passage = {"document_id": 4, "version": 2, "title": "Leave guide"}
    make_answer(ana, question="How long?", answer="16 weeks.", passages=[passage], latency_ms=2000)
    (event,) = exported(kind="answer")
    assert event.keys() >= REQUIRED | {"api", "src_endpoint"}
    assert (event["class_uid"], event["category_uid"], event["type_uid"]) == (6003, 6, 600301)
    assert event["time"] == 1782907200000
    assert event["actor"]["user"] == {
        "uid": str(ana.pk), "type_id": 1, "name": "ana@acme.example", "email_addr": "ana@acme.example"
    }  # fmt: skip
    assert event["api"]["request"]["data"] == {"question": "How long?"}
    assert event["resources"] == [{"uid": "4@2", "name": "Leave guide", "type": "document"}]


def test_a_filtered_answer_stands_out(ana: User) -> None:
    stages = [{"detail": {"guard": "injection", "action": "block", "code": "injection.override", "score": 1}}]
    make_answer(ana, status="filtered", stages=stages)
    (event,) = exported(kind="answer")
    assert (event["severity_id"], event["status_id"], event["status_code"]) == (3, 2, "injection.override")


def test_an_act_is_entity_management_with_before_and_after(ana: User) -> None:
    record(actor=ana, action="document.change", target="leave.pdf", before={"title": "A"}, after={"title": "B"}, n=1)
    event = exported(kind="act")[0]
    assert event.keys() >= REQUIRED
    assert (event["class_uid"], event["type_uid"]) == (3004, 300403)
    assert event["entity"] == {"name": "leave.pdf", "type": "document", "data": {"title": "A"}}
    assert event["entity_result"]["data"] == {"title": "B"}
    assert event["unmapped"]["details"] == {"n": 1}


def test_a_new_account_is_an_account_change() -> None:
    record(actor=None, action="user.create", target="ana@acme.example")
    event = exported(kind="act")[0]
    assert (event["class_uid"], event["type_uid"]) == (3001, 300101)
    assert event["user"]["name"] == "ana@acme.example"
    assert event["actor"]["user"]["name"] == "system"


def test_a_person_who_is_gone_has_a_number(ana: User) -> None:
    make_answer(ana)
    number = ana.pk
    ana.delete()
    assert exported(kind="answer")[0]["actor"]["user"]["name"] == f"person {number}"


def test_acts_and_answers_come_in_the_order_of_time_over_all_pages(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    for minute in (3, 1, 5, 1, 1):
        make_answer(ana, NOON + timedelta(minutes=minute))
    for minute in (2, 1, 4):
        make_act(NOON + timedelta(minutes=minute))
    times = [event["time"] for event in exported(until=NOON + timedelta(hours=1))]
    assert len(times) == 8
    assert times == sorted(times)


def test_since_and_until_bound_it(ana: User) -> None:
    for minute in range(4):
        make_act(NOON + timedelta(minutes=minute), target=str(minute))
    found = exported(since=NOON + timedelta(minutes=1), until=NOON + timedelta(minutes=3))
    assert [event["entity"]["name"] for event in found] == ["1", "2"]


def test_that_it_was_exported_is_on_record(ana: User) -> None:
    export(actor=ana, since=NOON)
    act = AuditEvent.objects.get(action="audit.export")
    assert (act.actor, act.details["since"]) == (ana, NOON.isoformat())


def test_the_command_writes_lines() -> None:
    make_act(NOON)
    said = StringIO()
    call_command("export_audit", "--since", "2026-07-01", "--until", "2026-07-02", stdout=said)
    assert [json.loads(line)["message"] for line in said.getvalue().splitlines()] == ["document.change"]
