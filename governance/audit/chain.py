"""
The proof that the record is what it was: the whole chain, computed anew.

All in SQL and in batches, so that a million rows take minutes and little memory. The expressions come from `digests`,
not from the triggers in the database, which whoever changed rows could have changed as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from governance.audit.anchors import is_genuine
from governance.audit.digests import LATEST, TABLES, Table, content_hash, digest, link_hash
from governance.audit.models import AuditAnchor, AuditLink

BATCH = 20_000
ERASING = ("person.erase", "audit.retain")
"""The acts that may erase content; each names its rows in `details["erased"][kind]`, as spans of ids."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`seq` is the place in the chain, or None for a row that has none; `row_id` is None for what is about no row."""

    seq: int | None
    kind: str
    row_id: int | None
    what: str

    def __str__(self) -> str:
        where = " ".join(str(part) for part in (self.kind, self.row_id) if part not in {None, ""})
        return f"{f'#{self.seq} ' if self.seq is not None else ''}{f'{where}: ' if where else ''}{self.what}"


@dataclass(frozen=True, slots=True)
class Verified:
    """
    `head` is the latest place and its hash; None for an empty record.

    `unanchored` rows were added since the latest anchor: were their end cut off, only a head noted elsewhere tells.
    """

    rows: int
    anchors: int
    unanchored: int
    head: tuple[int, str] | None
    problems: tuple[Problem, ...]


LINKS = f"""
WITH link AS (
    SELECT *, lag(seq) OVER before AS seq_before, lag(hash) OVER before AS hash_before
    FROM governance_auditlink WHERE seq BETWEEN %(first)s - 1 AND %(last)s WINDOW before AS (ORDER BY seq)
)
SELECT seq, kind, row_id, CASE
    WHEN hash <> {link_hash("link")} THEN 'this link was changed'
    WHEN seq <> %(start)s AND seq_before IS DISTINCT FROM seq - 1 THEN 'links before this one are missing'
    WHEN seq <> %(start)s AND previous <> hash_before THEN 'it does not continue the link before it'
    WHEN digest_version > {LATEST} THEN 'a later version of AskAcme wrote it: verify with that'
END AS what
FROM link WHERE seq >= %(first)s
"""  # noqa: S608 - all parts are our own

ROWS = """
WITH link AS MATERIALIZED (
    SELECT seq, row_id, digest FROM governance_auditlink
    WHERE kind = '{kind}' AND digest_version = {version} AND seq BETWEEN %(first)s AND %(last)s
),
bounds AS (SELECT min(row_id) AS low, max(row_id) AS high FROM link),
named AS MATERIALIZED (
    SELECT act.id AS erasure_id, act.at, row_id FROM bounds, governance_auditevent AS act,
        jsonb_array_elements(act.details -> 'erased' -> '{kind}') AS span,
        generate_series(greatest((span ->> 0)::bigint, low), least((span ->> 1)::bigint, high)) AS row_id
    WHERE act.action = ANY(%(erasing)s)
)
SELECT link.seq, '{kind}', link.row_id, CASE
    WHEN entry.id IS NULL THEN 'this row is missing'
    WHEN link.digest <> {digest} THEN 'this row was changed'
    WHEN entry.erased_at IS NULL AND entry.content_hash <> {content_hash} THEN 'the content of this row was changed'
    WHEN entry.erased_at IS NULL AND entry.erasure_id IS NOT NULL THEN 'this row was changed'
    WHEN entry.erased_at IS NULL THEN NULL
    WHEN named.row_id IS NULL THEN 'this row was erased, and no act says so'
    WHEN entry.salt <> '' OR {is_not_blank} THEN 'the content of this erased row was changed'
    WHEN entry.erased_at <> named.at THEN 'this erased row was changed'
END AS what
FROM link LEFT JOIN {table} AS entry ON entry.id = link.row_id
LEFT JOIN named ON named.erasure_id = entry.erasure_id AND named.row_id = entry.id
"""

UNLINKED = """
SELECT NULL::bigint, '{kind}', entry.id, 'this row is not in the chain' FROM {table} AS entry
WHERE NOT EXISTS (SELECT FROM governance_auditlink WHERE kind = '{kind}' AND row_id = entry.id) ORDER BY entry.id
"""


def verify(*, known: tuple[int, str] | None = None) -> Verified:
    """
    Compute everything anew and compare. `known`: a place and its hash, noted elsewhere, that must still be there.

    Looks at one moment of the database, so that it can run while people work.
    """
    is_ours = not connection.in_atomic_block
    with transaction.atomic():
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        first, last = AuditLink.objects.first(), AuditLink.objects.last()
        problems = [*begins_well(first), *found_in_links(first, last), *unlinked(), *unfit_anchors(), *unlike(known)]
        anchored = AuditAnchor.objects.aggregate(seq=Max("seq"))["seq"] or 0
        return Verified(
            rows=AuditLink.objects.count(),
            anchors=AuditAnchor.objects.count(),
            unanchored=max(0, last.seq - anchored) if last else 0,
            head=(last.seq, last.hash) if last else None,
            problems=tuple(problems),
        )


def begins_well(first: AuditLink | None) -> Iterator[Problem]:
    """The first link leans on nothing, or on the latest cut."""
    cut = AuditAnchor.objects.filter(kind=AuditAnchor.Kind.CUT).last()
    seq, before = (cut.seq + 1, cut.hash) if cut else (1, "")
    if first and first.seq != seq:
        yield Problem(first.seq, "", None, f"the chain begins here, but should begin at {seq}")
    elif first and first.previous != before:
        yield Problem(first.seq, first.kind, first.row_id, "the first link does not lean on what was there before it")


def found_in_links(first: AuditLink | None, last: AuditLink | None) -> Iterator[Problem]:
    if first is None or last is None:
        return
    statements = [LINKS, *(rows_of(table, version) for table in TABLES.values() for version in table.facts)]
    for low in range(first.seq, last.seq + 1, BATCH):
        span = {"first": low, "last": low + BATCH - 1, "start": first.seq, "erasing": list(ERASING)}
        found = [problem for statement in statements for problem in problems_of(statement, span)]
        yield from sorted(found, key=lambda problem: problem.seq or 0)


def rows_of(table: Table, version: int) -> str:
    return ROWS.format(
        kind=table.kind,
        version=version,
        table=table.name,
        digest=digest(table, "entry", version),
        content_hash=content_hash(table, "entry", version),
        is_not_blank=" OR ".join(f"entry.{column} <> {blank}" for column, blank in table.content.items()),
    )


def unlinked() -> Iterator[Problem]:
    for table in TABLES.values():
        yield from problems_of(UNLINKED.format(kind=table.kind, table=table.name), {})


def unfit_anchors() -> Iterator[Problem]:
    hashes = dict(AuditLink.objects.filter(seq__in=AuditAnchor.objects.values("seq")).values_list("seq", "hash"))
    cut = last_cut()
    for anchor in AuditAnchor.objects.all():
        when = f"{anchor.at:%Y-%m-%d %H:%M} UTC"
        if not is_genuine(anchor):
            yield Problem(anchor.seq, "", None, f"the anchor of {when} was not signed here")
        elif anchor.seq > cut and hashes.get(anchor.seq) != anchor.hash:
            yield Problem(anchor.seq, "", None, f"the chain is not what was anchored at {when}")


def unlike(known: tuple[int, str] | None) -> Iterator[Problem]:
    if known is None or AuditLink.objects.filter(seq=known[0], hash=known[1]).exists():
        return
    if known[0] <= last_cut():
        yield Problem(known[0], "", None, "retention has removed this place: give a later one")
    else:
        yield Problem(known[0], "", None, "the chain does not hold the hash that was noted for this place")


def last_cut() -> int:
    """The last place that retention removed; 0 if none."""
    return AuditAnchor.objects.filter(kind=AuditAnchor.Kind.CUT).aggregate(seq=Max("seq"))["seq"] or 0


def problems_of(statement: str, values: dict[str, Any]) -> list[Problem]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({statement}) AS found (seq, kind, row_id, what) WHERE what IS NOT NULL", values)  # noqa: S608
        return [Problem(*row) for row in cursor.fetchall()]
