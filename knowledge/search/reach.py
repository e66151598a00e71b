"""How far an audience reaches: few passages are compared one by one, many are searched through the index."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from governance.access.audience import Audience
from knowledge.index.models import SearchIndex

MOST_DOCUMENTS = 20_000
NEAR_BLOCKS = 320
"""About 10,000 chunks: up to here every visible vector is compared."""
MOST_BLOCKS = 10_000
"""About 300,000 chunks: up to here blocks of neighbouring chunks are compared first; beyond, the HNSW index is used."""

REMEMBERED_S = 60.0
MOST_REMEMBERED = 10_000
_widths: dict[tuple[Audience, int], tuple[float, int]] = {}

VISIBLE = """
SELECT current_id FROM (
    SELECT current_id FROM knowledge_document WHERE for_everyone AND NOT inherits_audience
    UNION ALL
    SELECT document.current_id FROM knowledge_document AS document
    JOIN knowledge_document_groups AS seen_by ON seen_by.document_id = document.id
    WHERE seen_by.group_id = ANY(%(groups)s) AND NOT document.inherits_audience
    UNION ALL
    SELECT current_id FROM knowledge_document WHERE inherits_audience AND collection_id IN (
        SELECT id FROM knowledge_collection WHERE for_everyone
        UNION ALL
        SELECT collection_id FROM knowledge_collection_groups WHERE group_id = ANY(%(groups)s)
    )
    UNION ALL
    SELECT current_id FROM knowledge_document WHERE owner_id = %(person)s
) AS seen WHERE current_id IS NOT NULL LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """
    `versions` are those the audience may see; None when they are too many to be named.

    An HNSW index that is filtered afterwards finds little for an audience that may see a small part: of the true ten
    best, 15 % where one chunk in a hundred is visible (measured). So it is asked only for broad audiences.
    """

    versions: tuple[int, ...] | None
    is_near: bool = False


def reach_of(audience: Audience, index: SearchIndex) -> Reach:
    """How wide an audience is, is remembered for a minute: it decides on speed only. What it sees never is."""
    width = remembered_width(audience, index)
    if width is not None and width > MOST_BLOCKS:
        return Reach(None)
    versions = visible_versions(audience)
    if width is None:
        width = count_blocks(versions, index) if len(versions) <= MOST_DOCUMENTS else MOST_BLOCKS + 1
        remember_width(audience, index, width)
    return Reach(None) if width > MOST_BLOCKS else Reach(versions, is_near=width <= NEAR_BLOCKS)


def visible_versions(audience: Audience) -> tuple[int, ...]:
    """
    The versions in use of `Document.objects.visible_to(audience)`, at most `MOST_DOCUMENTS` + 1.

    Written out, because each reason to see a document has an index of its own. The property test holds it against
    `visible_to`, and so does every search with what it finds.
    """
    parameters = {"groups": list(audience.group_ids), "person": audience.user_id, "most": MOST_DOCUMENTS + 1}
    with connection.cursor() as cursor:
        cursor.execute(VISIBLE, parameters)
        return tuple(dict.fromkeys(row[0] for row in cursor.fetchall()))


def remembered_width(audience: Audience, index: SearchIndex) -> int | None:
    until, width = _widths.get((audience, index.pk), (0.0, 0))
    return width if time.monotonic() < until else None


def remember_width(audience: Audience, index: SearchIndex, width: int) -> None:
    if len(_widths) >= MOST_REMEMBERED:
        _widths.clear()
    _widths[audience, index.pk] = time.monotonic() + REMEMBERED_S, width


def count_blocks(versions: Sequence[int], index: SearchIndex) -> int:
    """How many, at most `MOST_BLOCKS` + 1."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM (
                SELECT FROM knowledge_block WHERE version_id = ANY(%s) AND index_id = %s LIMIT %s
            ) AS seen
            """,
            [list(versions), index.pk, MOST_BLOCKS + 1],
        )
        return int(cursor.fetchone()[0])
