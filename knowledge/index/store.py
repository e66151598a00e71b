"""Putting a version's chunks into an index, and taking them out. Call these inside a transaction."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from pgvector import HalfVector

from governance.gateway.types import Vectors
from knowledge.audience.grants import settled_grants
from knowledge.documents.models import Document, DocumentVersion
from knowledge.index.edits import EditedDraft
from knowledge.index.embed import Embedded
from knowledge.index.models import Block, Chunk, SearchIndex, Vector
from knowledge.index.vocabulary import add_words, take_words
from knowledge.ingest.chunk import ChunkDraft

CHUNKS = """
INSERT INTO knowledge_chunk (
    index_id, version_id, ordinal, heading, context, text, corrected, disabled, start, "end", page, tokens, search
)
SELECT %(index_id)s, %(version_id)s, ordinal, heading, context, text, corrected, disabled, start, "end", page, tokens,
    setweight(to_tsvector(%(language)s::regconfig, %(title)s), 'A')
    || setweight(to_tsvector(%(language)s::regconfig, heading), 'B')
    || setweight(to_tsvector(%(language)s::regconfig, coalesce(nullif(corrected, ''), text)), 'D')
FROM unnest(
    %(ordinals)s::int[], %(headings)s::text[], %(contexts)s::text[], %(texts)s::text[], %(corrected)s::text[],
    %(disabled)s::boolean[], %(starts)s::int[], %(ends)s::int[], %(pages)s::int[], %(tokens)s::int[]
) AS chunk (ordinal, heading, context, text, corrected, disabled, start, "end", page, tokens)
RETURNING ordinal, id
"""
BLOCKS = """
INSERT INTO knowledge_block (index_id, version_id, centroid)
SELECT %s, %s, centroid::halfvec FROM unnest(%s::text[]) AS centroid RETURNING id
"""
BLOCK_SIZE = 32
VECTORS = """
COPY knowledge_vector (index_id, document_id, version_id, block_id, chunk_id, content_hash, grants, embedding, words)
FROM STDIN (FORMAT BINARY)
"""
VECTOR_TYPES = ["int2", "int8", "int8", "int8", "int8", "bytea", "int4[]", "bytea", "bytea"]
"""A vector goes over as the bytes that PostgreSQL expects of a halfvec: binary COPY passes them on as they are."""


def store(version: DocumentVersion, document: Document, index: SearchIndex, embedded: Sequence[Embedded]) -> None:
    """Make the chunks the ones that this index holds of the document; what it held before is retired."""
    grants = settled_grants(document)
    retire(document, index)
    ids = insert_chunks(version, index, embedded)
    insert_vectors(version, grants, index, [(ids[item.edited.draft.ordinal], item) for item in embedded])
    hashes = [item.content_hash for item in embedded]
    Vector.objects.filter(document=document, index=index, chunk=None, content_hash__in=hashes).delete()
    add_words(version.pk, index)


def stored(version: DocumentVersion, index: SearchIndex) -> list[Embedded]:
    """What the index holds of a version, as it was stored."""
    chunks = Chunk.objects.filter(version=version, index=index).select_related("vector").order_by("ordinal")
    return [embedded_of(chunk, version) for chunk in chunks]


def embedded_of(chunk: Chunk, version: DocumentVersion) -> Embedded:
    draft = ChunkDraft(chunk.ordinal, chunk.heading, chunk.text, chunk.start, chunk.end, chunk.page, chunk.tokens)
    vector: Vector | None = getattr(chunk, "vector", None)
    return Embedded(
        edited=EditedDraft(draft, chunk.corrected, chunk.disabled),
        title=version.title,
        heading=chunk.heading,
        context=chunk.context,
        content_hash=bytes(vector.content_hash) if vector else b"",
        vector=np.array(vector.embedding, dtype=np.float32) if vector else None,
        words=bytes(vector.words) if vector else b"",
    )


def retire(document: Document, index: SearchIndex) -> None:
    """Take the document out of the index: its chunks go, their vectors are kept in case the same text comes again."""
    held = Chunk.objects.filter(index=index, version__document=document)
    versions = list(held.order_by().values_list("version_id", flat=True).distinct())
    if not versions:
        return
    for version_id in versions:
        take_words(version_id, index)
    Vector.objects.filter(document=document, index=index).exclude(chunk=None).update(
        chunk=None, version=None, block=None
    )
    Block.objects.filter(index=index, version__document=document).delete()
    held._raw_delete(held.db)  # noqa: SLF001 - nothing else refers to chunks


def forget(document: Document) -> None:
    """Take the document's words out of every index, before it is deleted with all its rows."""
    held = Chunk.objects.filter(version__document=document).order_by()
    for index in SearchIndex.objects.filter(pk__in=held.values("index")):
        for version_id in held.filter(index=index).values_list("version_id", flat=True).distinct():
            take_words(version_id, index)


def insert_chunks(version: DocumentVersion, index: SearchIndex, embedded: Sequence[Embedded]) -> dict[int, int]:
    """The new chunks' ids by ordinal."""
    drafts = [item.edited.draft for item in embedded]
    columns: dict[str, Any] = {
        "ordinals": [draft.ordinal for draft in drafts],
        "headings": [item.heading for item in embedded],
        "contexts": [item.context for item in embedded],
        "texts": [draft.text for draft in drafts],
        "corrected": [item.edited.corrected for item in embedded],
        "disabled": [item.edited.disabled for item in embedded],
        "starts": [draft.start for draft in drafts],
        "ends": [draft.end for draft in drafts],
        "pages": [draft.page for draft in drafts],
        "tokens": [draft.tokens for draft in drafts],
    }
    fixed: dict[str, Any] = {
        "index_id": index.pk,
        "version_id": version.pk,
        "language": version.language,
        "title": embedded[0].title if embedded else "",
    }
    with connection.cursor() as cursor:
        cursor.execute(CHUNKS, {**columns, **fixed})
        return dict(cursor.fetchall())


def insert_vectors(
    version: DocumentVersion, grants: list[int], index: SearchIndex, rows: Sequence[tuple[int, Embedded]]
) -> None:
    """Chunks that must not be found have none."""
    found = [(chunk_id, item, item.vector) for chunk_id, item in rows if item.vector is not None]
    blocks = insert_blocks(version, index, [vector for _, _, vector in found])
    with connection.cursor() as cursor, cursor.copy(VECTORS) as copy:
        copy.set_types(VECTOR_TYPES)
        for place, (chunk_id, item, vector) in enumerate(found):
            belongs_to = (index.pk, version.document_id, version.pk, blocks[place // BLOCK_SIZE], chunk_id)
            copy.write_row((*belongs_to, item.content_hash, grants, HalfVector(vector).to_binary(), item.words))


def insert_blocks(version: DocumentVersion, index: SearchIndex, vectors: Sequence[Vectors]) -> list[int]:
    """The ids of the blocks of each `BLOCK_SIZE` vectors in a row."""
    groups = [vectors[begin : begin + BLOCK_SIZE] for begin in range(0, len(vectors), BLOCK_SIZE)]
    means = [np.mean(group, axis=0) for group in groups]
    centroids = [HalfVector(mean / max(float(np.linalg.norm(mean)), 1e-9)).to_text() for mean in means]
    with connection.cursor() as cursor:
        cursor.execute(BLOCKS, [index.pk, version.pk, centroids])
        return [row[0] for row in cursor.fetchall()]
