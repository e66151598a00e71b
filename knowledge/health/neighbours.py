"""Passages of other documents that are near to a version's own: one look into the live index for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from knowledge.documents.models import Document, DocumentVersion
from knowledge.index.embed import Embedded
from knowledge.index.indexes import live_index

MAX_EXAMINED = 100
"""Passages of a longer document are compared at even distances: enough to know a copy, and a bound on the cost."""

PER_PASSAGE = 5
AT_LEAST = 0.6
TIMEOUT_MS = 5_000

# The HNSW index of the search index is used: its number and dimension must stand in the query.
SQL = """
SELECT mine.ordinal::int - 1, near.document_id, near.chunk_id, near.similarity
FROM unnest(%(vectors)s::text[]) WITH ORDINALITY AS mine (vector, ordinal)
CROSS JOIN LATERAL (
    SELECT document_id, chunk_id,
           1 - (embedding::halfvec({dimension:d}) <=> mine.vector::halfvec({dimension:d})) AS similarity
    FROM knowledge_vector
    WHERE index_id = {number:d} AND chunk_id IS NOT NULL AND document_id <> %(document_id)s
    ORDER BY embedding::halfvec({dimension:d}) <=> mine.vector::halfvec({dimension:d})
    LIMIT %(limit)s
) AS near
WHERE near.similarity >= %(at_least)s
"""
CHUNKS = """
SELECT id, heading, coalesce(nullif(corrected, ''), text) FROM knowledge_chunk WHERE id = ANY(%s) AND NOT disabled
"""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A passage of another document in force, near to the passage `mine`; `similarity` is their cosine."""

    mine: Embedded
    document_id: int
    document: str
    heading: str
    text: str
    similarity: float


def examined(embedded: Sequence[Embedded]) -> list[Embedded]:
    """The passages that are compared: all that can be found, or a hundred spread over the document."""
    findable = [item for item in embedded if item.vector is not None]
    step = max(1.0, len(findable) / MAX_EXAMINED)
    return [findable[int(place * step)] for place in range(min(len(findable), MAX_EXAMINED))]


def neighbours_of(version: DocumentVersion, mine: Sequence[Embedded]) -> list[Neighbour]:
    """
    The nearest passages of other documents, at most five for each of `mine`, nearest first.

    Raises DatabaseError when the database doesn't answer in five seconds.
    """
    if not mine:
        return []
    index = live_index()
    vectors = ["[" + ",".join(f"{x:.5f}" for x in item.vector) + "]" for item in mine if item.vector is not None]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(TIMEOUT_MS)])
        cursor.execute(
            SQL.format(number=index.number, dimension=index.dimension),
            {"vectors": vectors, "document_id": version.document_id, "limit": PER_PASSAGE, "at_least": AT_LEAST},
        )
        found = cursor.fetchall()
        cursor.execute(CHUNKS, [[chunk_id for _, _, chunk_id, _ in found]])
        chunks = {chunk_id: (heading, text) for chunk_id, heading, text in cursor.fetchall()}
    named = {document_id for _, document_id, _, _ in found}
    titles = dict(Document.objects.in_force().filter(pk__in=named).values_list("pk", "title"))
    near = [
        Neighbour(mine[place], document_id, titles[document_id], *chunks[chunk_id], similarity)
        for place, document_id, chunk_id, similarity in found
        if document_id in titles and chunk_id in chunks
    ]
    return sorted(near, key=lambda neighbour: -neighbour.similarity)
