"""The audit record: what the database refuses, and what `verify_audit` finds when it was made to do it anyway."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from governance.access.models import User
from governance.audit.anchors import anchor_head
from governance.audit.answers import record_answer
from governance.audit.chain import verify
from governance.audit.models import AuditAnchor, AuditedAnswer, AuditEvent, AuditLink
from governance.audit.services import record

pytestmark = pytest.mark.django_db(transaction=True)


def make_answer(user: User | None = None, **fields: object) -> AuditedAnswer:
    now = timezone.now()
    request_id = uuid4()
    user_id = user.pk if user else None
    defaults = {
        "at": now,
        "asked_at": now - timedelta(seconds=2),
        "status": "success",
        "question": "How long is leave?",
    }
    with transaction.atomic():
        record_answer(AuditedAnswer(request_id=request_id, user_id=user_id, **{**defaults, **fields}))
    return AuditedAnswer.objects.get(request_id=request_id)


def make_acts(count: int = 5) -> list[AuditEvent]:
    return [record(actor=None, action="test.act", target=f"thing {n}", n=n) for n in range(count)]


@contextmanager
def behind_its_back() -> Iterator[Callable[[str], None]]:
    """As somebody who may do everything in the database, and knows of the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield cursor.execute
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def whats() -> list[str]:
    return [str(problem) for problem in verify().problems]


def test_every_act_and_answer_gets_its_place_when_it_is_committed(ana: User) -> None:
    before = AuditLink.objects.count()
    with transaction.atomic():
        record(actor=ana, action="test.act", target="one")
        assert AuditLink.objects.count() == before
    make_answer(ana)
    assert [link.kind for link in AuditLink.objects.order_by("-seq")[:2]] == ["answer", "act"]
    assert whats() == []


def test_what_is_rolled_back_leaves_no_gap() -> None:
    make_acts(2)
    with transaction.atomic():
        record(actor=None, action="test.act", target="never")
        transaction.set_rollback(True)
    make_acts(1)
    assert [link.seq for link in AuditLink.objects.all()] == [1, 2, 3]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_auditevent SET action = 'other'",
        "UPDATE governance_auditevent SET target = ''",
        "UPDATE governance_auditevent SET target = '', actor_email = '', details = '{}', salt = '', erased_at = now()",
        "DELETE FROM governance_auditevent",
        "TRUNCATE governance_auditevent CASCADE",
        "UPDATE governance_auditlink SET hash = ''",
        "DELETE FROM governance_auditlink",
        "DELETE FROM governance_auditanchor",
    ],
)
def test_the_database_refuses_changes(statement: str) -> None:
    make_acts()
    anchor_head()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL askacme.audit_truncate = off")
        with pytest.raises(IntegrityError, match="can only grow"), transaction.atomic():
            cursor.execute(statement)
    assert whats() == []


def test_one_changed_fact_is_found() -> None:
    act = make_acts()[2]
    with behind_its_back() as run:
        run(f"UPDATE governance_auditevent SET action = 'test.acu' WHERE id = {act.pk}")
    assert whats() == [f"#3 act {act.pk}: this row was changed"]


def test_one_flipped_bit_of_an_answer_is_found(ana: User) -> None:
    answer = make_answer(ana, answer="16 weeks [1].")
    with behind_its_back() as run:
        run(f"UPDATE governance_auditedanswer SET answer = '06 weeks [1].' WHERE id = {answer.pk}")
    assert whats() == [f"#1 answer {answer.pk}: the content of this row was changed"]


def test_a_missing_row_is_found() -> None:
    act = make_acts()[1]
    with behind_its_back() as run:
        run(f"DELETE FROM governance_auditevent WHERE id = {act.pk}")
    assert whats() == [f"#2 act {act.pk}: this row is missing"]


def test_a_row_that_is_smuggled_in_is_found() -> None:
    make_acts()
    with behind_its_back() as run:
        run(
            "INSERT INTO governance_auditevent (id, at, action, target, details, actor_email, salt, content_hash)"
            " VALUES (999, now(), 'a', 'b', '{}', '', '', '')"
        )
    assert whats() == ["act 999: this row is not in the chain"]


def test_a_link_that_is_cut_out_is_found() -> None:
    acts = make_acts()
    with behind_its_back() as run:
        run("DELETE FROM governance_auditlink WHERE seq = 3")
        run(f"DELETE FROM governance_auditevent WHERE id = {acts[2].pk}")
    assert whats() == [f"#4 act {acts[3].pk}: links before this one are missing"]


def test_an_end_that_is_cut_off_is_found_by_its_anchor() -> None:
    acts = make_acts()
    anchor_head()
    with behind_its_back() as run:
        run("DELETE FROM governance_auditlink WHERE seq = 5")
        run(f"DELETE FROM governance_auditevent WHERE id = {acts[4].pk}")
    assert [problem.split(" at ")[0] for problem in whats()] == ["#5 the chain is not what was anchored"]


def test_a_chain_that_was_written_anew_is_found_by_its_anchor() -> None:
    make_acts()
    anchor_head()
    rows = list(AuditEvent.objects.order_by("pk").values("action", "target", "details"))
    with behind_its_back() as run:
        run("TRUNCATE governance_auditevent, governance_auditlink")
    rows[0]["target"] = "something else"
    for row in rows:
        AuditEvent.objects.create(**row)
    assert [problem.split(" at ")[0] for problem in whats()] == ["#5 the chain is not what was anchored"]


def test_an_anchor_that_somebody_else_signed_is_found() -> None:
    make_acts()
    AuditAnchor.objects.create(seq=5, hash=AuditLink.objects.get(seq=5).hash, signature="0" * 64)
    assert [problem.split(" of ")[0] for problem in whats()] == ["#5 the anchor"]


def test_an_anchor_of_an_earlier_secret_key_still_fits(settings: Settings) -> None:
    make_acts()
    anchor_head()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a-new-one"
    assert whats() == []


def test_nothing_new_needs_no_new_anchor() -> None:
    make_acts()
    assert anchor_head() is not None
    assert anchor_head() is None


def test_the_formats_do_not_depend_on_the_session(ana: User) -> None:
    make_answer(ana, confidence="0.87", cost_usd="0.00012", stages=[{"name": "screen", "ms": 1.5}])
    with connection.cursor() as cursor:
        cursor.execute("SET timezone = 'Asia/Tokyo'; SET extra_float_digits = 0; SET datestyle = 'German'")
        found = whats()
        cursor.execute("RESET timezone; RESET extra_float_digits; RESET datestyle")
    assert found == []


def test_the_command_says_what_is_wrong_and_fails() -> None:
    acts = make_acts()
    with behind_its_back() as run:
        run(f"UPDATE governance_auditevent SET at = now() + interval '1 day' WHERE id = {acts[0].pk}")
    said = StringIO()
    with pytest.raises(SystemExit) as failed:
        call_command("verify_audit", "--json", stdout=said)
    assert failed.value.code == 1
    assert [found["what"] for found in json.loads(said.getvalue())["problems"]] == ["this row was changed"]


def test_the_command_holds_an_anchor_from_a_log_against_the_chain() -> None:
    make_acts()
    said = StringIO()
    call_command("verify_audit", stdout=said)
    assert "5 rows" in said.getvalue()
    with pytest.raises(SystemExit):
        call_command("verify_audit", "--anchor", f"5:{'0' * 64}", stdout=said)


def test_what_a_deleted_person_did_stays_as_it_was(ana: User) -> None:
    record(actor=ana, action="test.act", target="one")
    ana.delete()
    assert AuditEvent.objects.get(action="test.act").actor_email == "ana@acme.example"
    assert whats() == []
