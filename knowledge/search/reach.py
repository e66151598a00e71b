"""How far an audience reaches: few passages are compared one by one, many are searched through the index."""

import time
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from governance.access.audience import Audience
from knowledge.documents.models import Document
from knowledge.index.models import SearchIndex

MOST_DOCUMENTS = 20_000
NEAR_BLOCKS = 640
"""About 10,000 chunks: up to here every visible vector is compared."""
MOST_BLOCKS = 20_000
"""About 300,000 chunks: up to here blocks of neighbouring chunks are compared first; beyond, the HNSW index is used."""

REMEMBERED_S = 60.0
MOST_REMEMBERED = 10_000
_far_until: dict[Audience, float] = {}


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
    """Whether an audience reaches far is remembered for a minute; which documents it sees otherwise, never."""
    if is_known_as_far(audience):
        return Reach(None)
    versions = list(visible_versions(audience)[: MOST_DOCUMENTS + 1])
    blocks = count_blocks(versions, index) if len(versions) <= MOST_DOCUMENTS else MOST_BLOCKS + 1
    if blocks > MOST_BLOCKS:
        remember_as_far(audience)
        return Reach(None)
    return Reach(tuple(versions), is_near=blocks <= NEAR_BLOCKS)


def visible_versions(audience: Audience) -> QuerySet[Document, int]:
    visible = Document.objects.visible_to(audience).filter(current__isnull=False).order_by()
    return visible.values_list("current_id", flat=True)


def is_known_as_far(audience: Audience) -> bool:
    until = _far_until.get(audience)
    return until is not None and time.monotonic() < until


def remember_as_far(audience: Audience) -> None:
    """A cache of a decision about speed only, which no result depends on."""
    now = time.monotonic()
    if len(_far_until) >= MOST_REMEMBERED:
        _far_until.clear()
    _far_until[audience] = now + REMEMBERED_S


def count_blocks(versions: list[int], index: SearchIndex) -> int:
    """How many, at most `MOST_BLOCKS` + 1."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM (
                SELECT FROM knowledge_block WHERE version_id = ANY(%s) AND index_id = %s LIMIT %s
            ) AS seen
            """,
            [versions, index.pk, MOST_BLOCKS + 1],
        )
        return int(cursor.fetchone()[0])
