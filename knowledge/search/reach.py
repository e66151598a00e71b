"""How far an audience reaches: few passages are compared one by one, many are searched through the index."""

import time
from enum import StrEnum
from typing import Any

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

# `Document.objects.visible_to(audience)`, written out twice: the versions in use, where each reason to see a document
# has an index of its own, and the same for one document. Property tests hold both against `visible_to`.
VISIBLE = """
    SELECT current_id AS id FROM knowledge_document
    WHERE for_everyone AND NOT inherits_audience AND current_id IS NOT NULL
    UNION ALL
    SELECT document.current_id FROM knowledge_document AS document
    JOIN knowledge_document_groups AS seen_by ON seen_by.document_id = document.id
    WHERE seen_by.group_id = ANY(%(groups)s) AND NOT document.inherits_audience AND document.current_id IS NOT NULL
    UNION ALL
    SELECT current_id FROM knowledge_document
    WHERE inherits_audience AND current_id IS NOT NULL AND collection_id IN (
        SELECT id FROM knowledge_collection WHERE for_everyone
        UNION ALL
        SELECT collection_id FROM knowledge_collection_groups WHERE group_id = ANY(%(groups)s)
    )
    UNION ALL
    SELECT current_id FROM knowledge_document WHERE owner_id = %(person)s AND current_id IS NOT NULL
"""
IS_VISIBLE = """(
    document.owner_id = %(person)s
    OR NOT document.inherits_audience AND (document.for_everyone OR EXISTS (
        SELECT FROM knowledge_document_groups AS seen_by
        WHERE seen_by.document_id = document.id AND seen_by.group_id = ANY(%(groups)s)
    ))
    OR document.inherits_audience AND EXISTS (
        SELECT FROM knowledge_collection AS collection WHERE collection.id = document.collection_id AND (
            collection.for_everyone OR EXISTS (
                SELECT FROM knowledge_collection_groups AS seen_by
                WHERE seen_by.collection_id = collection.id AND seen_by.group_id = ANY(%(groups)s)
            )
        )
    )
)"""
WIDTH = f"""
WITH seen AS MATERIALIZED (SELECT id FROM ({VISIBLE}) AS visible LIMIT %(most_documents)s)
SELECT (SELECT count(*) FROM seen), (SELECT count(*) FROM (
    SELECT FROM knowledge_block
    WHERE version_id = ANY(ARRAY(SELECT id FROM seen)) AND index_id = %(index)s LIMIT %(most_blocks)s
) AS block)
"""  # noqa: S608 - put together from constants


class Way(StrEnum):
    """
    How the nearest passages are found.

    An HNSW index that is filtered afterwards finds little for an audience that may see a small part: of the true ten
    best, 15 % where one chunk in a hundred is visible (measured). So it is asked only for broad audiences.
    """

    EXACT = "exact"
    BLOCKS = "blocks"
    GRAPH = "HNSW"


def way_for(audience: Audience, index: SearchIndex) -> Way:
    """How wide an audience is, is remembered for a minute: it decides on speed only. What it sees never is."""
    width = remembered_width(audience, index)
    if width is None:
        width = width_of(audience, index)
        remember_width(audience, index, width)
    if width > MOST_BLOCKS:
        return Way.GRAPH
    return Way.EXACT if width <= NEAR_BLOCKS else Way.BLOCKS


def width_of(audience: Audience, index: SearchIndex) -> int:
    """How many blocks the audience may see; at most `MOST_BLOCKS` + 1, and that for more than `MOST_DOCUMENTS`."""
    limits = {"most_documents": MOST_DOCUMENTS + 1, "most_blocks": MOST_BLOCKS + 1}
    with connection.cursor() as cursor:
        cursor.execute(WIDTH, {**seen_by(audience), **limits, "index": index.pk})
        documents, blocks = cursor.fetchone()
    return MOST_BLOCKS + 1 if documents > MOST_DOCUMENTS else int(blocks)


def seen_by(audience: Audience) -> dict[str, Any]:
    """What `VISIBLE` and `IS_VISIBLE` want to know of the audience."""
    return {"groups": list(audience.group_ids), "person": audience.user_id}


def remembered_width(audience: Audience, index: SearchIndex) -> int | None:
    until, width = _widths.get((audience, index.pk), (0.0, 0))
    return width if time.monotonic() < until else None


def remember_width(audience: Audience, index: SearchIndex, width: int) -> None:
    if len(_widths) >= MOST_REMEMBERED:
        _widths.clear()
    _widths[audience, index.pk] = time.monotonic() + REMEMBERED_S, width
