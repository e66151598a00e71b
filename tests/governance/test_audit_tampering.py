"""Whoever may do everything in the database, and knows of the triggers: what they changed is found."""

import pytest
from django.db import connection, models
from django.utils import timezone

from governance.access.models import User
from governance.audit.anchors import anchor_head
from governance.audit.blanking import blank
from governance.audit.chain import verify
from governance.audit.models import AuditAnchor, AuditedAnswer, AuditEvent, AuditLink
from governance.audit.retention import cut_part
from governance.audit.stores import Held
from tests.governance.test_audit_chain import behind_its_back, make_acts, make_answer, whats

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = (AuditEvent, AuditedAnswer)
Table = type[models.Model]


def columns_of(*tables: Table) -> list[tuple[Table, str]]:
    """All that there are, so that one that is added later is proved as well. An anchor's id says nothing."""
    columns = [(table, str(field.column)) for table in tables for field in table._meta.concrete_fields]  # noqa: SLF001
    return [column for column in columns if column != (AuditAnchor, "id")]


def named(value: object) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


def flip(table: Table, column: str) -> None:
    """One bit in the first of the rows, or what comes nearest to it."""
    name = table._meta.db_table  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_typeof({column})::text FROM {name}")
        kind = cursor.fetchone()[0]
    flipped = {
        "boolean": f"NOT {column}",
        "uuid": f"translate({column}::text, '0123456789abcdef', '1032547698badcfe')::uuid",
        "jsonb": f"jsonb_build_array({column})",
        "timestamp with time zone": f"coalesce({column} + interval '1 microsecond', now())",
        "numeric": f"coalesce({column}, 0) + 0.0001",
        "character varying": f"coalesce(left({column}, -1) || chr(ascii(nullif(right({column}, 1), '')) # 1), 'x')",
    }
    flipped["text"] = flipped["character varying"]
    flipped |= {"kind": f"CASE {column} WHEN 'act' THEN 'answer' WHEN 'head' THEN 'cut' ELSE 'x' END"}
    change = flipped.get(column if table in {AuditLink, AuditAnchor} else kind) or flipped.get(kind)
    first = f"(SELECT min(id) FROM {name})" if table is not AuditLink else "(SELECT min(seq) FROM governance_auditlink)"
    key = table._meta.pk.column  # noqa: SLF001
    bit = 1 << 20 if column in {key, "row_id"} else 1  # not the number of another row
    change = change or f"coalesce({column} # {bit}, 1)"
    with behind_its_back() as run:
        run(f"UPDATE {name} SET {column} = {change} WHERE {key} = {first}")


def make_record(ana: User) -> None:
    make_acts(2)
    make_answer(ana, answer="16 weeks [1].", confidence="0.5", cost_usd="0.1", latency_ms=5, ttft_ms=3)
    anchor_head()
    assert whats() == []


@pytest.mark.parametrize(("table", "column"), columns_of(*ROWS, AuditLink, AuditAnchor), ids=named)
def test_one_flipped_bit_in_any_column_of_any_table_is_found(table: Table, column: str, ana: User) -> None:
    make_record(ana)
    flip(table, column)
    assert whats()


@pytest.mark.parametrize(("table", "column"), columns_of(*ROWS), ids=named)
def test_one_flipped_bit_in_any_column_of_an_erased_row_is_found(table: Table, column: str, ana: User) -> None:
    make_record(ana)
    rows = {AuditLink.Kind.ACT: [AuditEvent.objects.earliest("pk").pk]}
    rows[AuditLink.Kind.ANSWER] = [AuditedAnswer.objects.get().pk]
    blank(rows, actor=None, action="person.erase", target="person 7")
    assert whats() == []
    flip(table, column)
    assert whats()


def test_two_rows_that_change_places_are_found() -> None:
    one, other, *_ = make_acts()
    with behind_its_back() as run:
        run(f"UPDATE governance_auditevent SET id = {other.pk + 1000} WHERE id = {one.pk}")
        run(f"UPDATE governance_auditevent SET id = {one.pk} WHERE id = {other.pk}")
        run(f"UPDATE governance_auditevent SET id = {other.pk} WHERE id = {other.pk + 1000}")
    assert whats() == [f"#{n} act {act.pk}: this row was changed" for n, act in ((1, one), (2, other))]


def test_two_links_that_change_places_are_found() -> None:
    make_acts()
    with behind_its_back() as run:
        for was, becomes in ((2, 1000), (3, 2), (1000, 3)):
            run(f"UPDATE governance_auditlink SET seq = {becomes} WHERE seq = {was}")
    assert len(whats()) >= 2


def test_a_forged_row_in_the_place_of_another_is_found() -> None:
    act = make_acts()[1]
    with behind_its_back() as run:
        run(f"DELETE FROM governance_auditevent WHERE id = {act.pk}")
        run(
            "INSERT INTO governance_auditevent (id, at, action, target, details, actor_email, salt, content_hash)"
            f" VALUES ({act.pk}, now(), 'test.act', 'forged', '{{}}', '', gen_random_uuid()::text, repeat('0', 64))"
        )
    assert whats() == [f"#2 act {act.pk}: this row was changed"]


def test_an_end_cut_off_since_the_latest_anchor_is_found_by_a_head_that_was_noted() -> None:
    make_acts(3)
    anchor_head()
    last = make_acts(2)
    before = verify()
    assert (before.unanchored, before.problems) == (2, ())
    with behind_its_back() as run:
        run("DELETE FROM governance_auditlink WHERE seq > 3")
        run(f"DELETE FROM governance_auditevent WHERE id >= {last[0].pk}")
    assert verify().problems == ()
    assert [problem.what.split(" that ")[0] for problem in verify(known=before.head).problems] == [
        "the chain does not hold the hash"
    ]


def test_an_old_backup_is_found_by_an_anchor_from_the_log() -> None:
    """As if the database were as it was before the last two acts, and others had been added since."""
    make_acts(3)
    as_it_was = verify().head
    make_acts(2)
    logged = anchor_head()
    assert logged
    with behind_its_back() as run:
        run("TRUNCATE governance_auditanchor")
        run("DELETE FROM governance_auditevent WHERE id IN (SELECT row_id FROM governance_auditlink WHERE seq > 3)")
        run("DELETE FROM governance_auditlink WHERE seq > 3")
    make_acts(4)
    assert verify(known=as_it_was).problems == ()
    assert len(verify(known=(logged.seq, logged.hash)).problems) == 1


def test_a_noted_head_that_retention_has_removed_is_told_apart() -> None:
    make_acts(3)
    head = verify().head
    cut_part(timezone.now(), Held())
    assert [problem.what for problem in verify(known=head).problems] == [
        "retention has removed this place: give a later one"
    ]
