"""
The passages worth a closer look: the nearest by meaning and the richest in rare words, inside the audience.

One SQL statement. What it finds is held against the documents afterwards (see `search.py`): the `grants` it filters by
only repeat what those say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from pgvector import HalfVector

from governance.access.audience import Audience
from governance.gateway.types import Vectors
from knowledge.index.models import SearchIndex
from knowledge.search.reach import Reach
from knowledge.search.terms import Term

BY_MEANING = 64
BY_WORDS = 32
BLOCKS = 150
"""Blocks whose chunks are compared one by one: some 5,000 chunks."""

HEADER_BYTES = 4
"""What PostgreSQL sends before a halfvec's numbers."""

MOST_MATCHES = 600
"""Chunks with rare words that are ranked at most: the commonest words are left out until so few are left."""

# Vectors have length 1, so the inner product is the cosine, and quicker. The plus keeps the planner from the HNSW
# index, whose nearest chunks would nearly all be filtered away.
NEAR = """
    SELECT vector.chunk_id AS id FROM knowledge_vector AS vector
    WHERE vector.version_id = ANY(%(versions)s::bigint[]) AND vector.index_id = {index} AND vector.chunk_id IS NOT NULL
    ORDER BY (vector.embedding::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})) + 0
    LIMIT %(by_meaning)s
"""
BLOCKWISE = """
    SELECT vector.chunk_id AS id FROM knowledge_vector AS vector
    WHERE vector.block_id = ANY(ARRAY(
        SELECT block.id FROM knowledge_block AS block
        WHERE block.version_id = ANY(%(versions)s::bigint[]) AND block.index_id = {index}
        ORDER BY block.centroid::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})
        LIMIT %(blocks)s
    )) AND vector.chunk_id IS NOT NULL
    ORDER BY (vector.embedding::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})) + 0
    LIMIT %(by_meaning)s
"""
FAR = """
    SELECT vector.chunk_id AS id FROM knowledge_vector AS vector
    WHERE vector.grants && %(grants)s::int[] AND vector.index_id = {index} AND vector.chunk_id IS NOT NULL
    ORDER BY vector.embedding::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})
    LIMIT %(by_meaning)s
"""
NAMED = "chunk.version_id + 0 = ANY(%(versions)s::bigint[])"  # the plus: rare words narrow down better than versions
GRANTED = """EXISTS (
    SELECT FROM knowledge_vector AS seen WHERE seen.chunk_id = chunk.id AND seen.grants && %(grants)s::int[]
)"""
# ts_rank's sum over positions saturates like BM25's term frequency. Titles and headings count as much as the text.
RANK = "CASE WHEN chunk.search @@ term.query THEN ts_rank('{1, 1, 1, 1}', chunk.search, term.query) ELSE 0 END"
SQL = """
WITH term AS MATERIALIZED (
    SELECT query, rarity, place
    FROM unnest(%(queries)s::tsquery[], %(rarities)s::float8[]) WITH ORDINALITY AS term (query, rarity, place)
),
by_meaning AS MATERIALIZED ({nearest}),
matching AS MATERIALIZED (
    SELECT chunk.id, chunk.search FROM knowledge_chunk AS chunk
    WHERE chunk.search @@ %(rare)s::tsquery AND chunk.index_id = {index} AND NOT chunk.disabled AND {visible}
    LIMIT %(most_matches)s
),
by_words AS MATERIALIZED (
    SELECT chunk.id FROM matching AS chunk
    ORDER BY (SELECT sum(term.rarity * {rank}) FROM term) DESC, chunk.id
    LIMIT %(by_words)s
)
SELECT chunk.id, chunk.version_id, found.is_near,
    -(vector.embedding::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})),
    ARRAY(SELECT {rank} FROM term ORDER BY term.place)::float4[],
    chunk.heading, chunk.context, coalesce(nullif(chunk.corrected, ''), chunk.text), chunk.corrected <> '',
    chunk.start, chunk."end", chunk.page, vector.words, halfvec_send(vector.embedding)
FROM (
    SELECT id, bool_or(is_near) AS is_near
    FROM (SELECT id, true AS is_near FROM by_meaning UNION ALL SELECT id, false FROM by_words) AS either GROUP BY id
) AS found
JOIN knowledge_chunk AS chunk ON chunk.id = found.id
JOIN knowledge_vector AS vector ON vector.chunk_id = chunk.id
ORDER BY chunk.id
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A passage worth a closer look.

    `is_near` tells those found by meaning. `similarity` is the cosine of query and chunk; `word_ranks` holds how well
    each term matches, 0 where it does not; `words` are the vectors of its words as they are stored.
    """

    chunk_id: int
    version_id: int
    is_near: bool
    similarity: float
    word_ranks: tuple[float, ...]
    heading: str
    context: str
    text: str
    is_corrected: bool
    start: int
    end: int
    page: int | None
    words: bytes
    embedding: NDArray[np.float32]


def candidates(
    vector: Vectors, terms: Sequence[Term], *, audience: Audience, reach: Reach, index: SearchIndex
) -> list[Candidate]:
    """
    The first `BY_MEANING` by meaning and `BY_WORDS` by words; `terms` stand rarest first.

    `vector` has length 1. One of zeros means nothing: only words count.
    """
    names = {"index": int(index.pk), "dimension": int(index.dimension)}
    nearest = FAR if reach.versions is None else NEAR if reach.is_near else BLOCKWISE
    visible = GRANTED if reach.versions is None else NAMED
    sql = SQL.format(nearest=nearest.format(**names), visible=visible, rank=RANK, **names)
    parameters: dict[str, Any] = {
        "vector": HalfVector(vector).to_text(),
        "queries": [term.query for term in terms],
        "rarities": [term.rarity for term in terms],
        "rare": rare_words(terms),
        "versions": "{" + ",".join(map(str, reach.versions or ())) + "}",  # thousands: a list is slow to write out
        "grants": audience.grants,
        "by_meaning": BY_MEANING if vector.any() else 0,
        "by_words": BY_WORDS,
        "blocks": BLOCKS,
        "most_matches": MOST_MATCHES,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [candidate_of(row) for row in cursor.fetchall()]


def candidate_of(row: Sequence[Any]) -> Candidate:
    *fields, words, sent = row
    fields[4] = tuple(fields[4])
    embedding = np.frombuffer(sent, dtype=">f2", offset=HEADER_BYTES).astype(np.float32)
    return Candidate(*(*fields, bytes(words), embedding))


def rare_words(terms: Sequence[Term]) -> str:
    """
    A tsquery for chunks that are worth ranking by words: any of the rare ones, or the rarest two of common ones.

    A chunk that shares only common words with the query gains little by them; if it means the same it is found by that.
    """
    chosen: list[str] = []
    matches = 0
    for term in terms:
        matches += term.chunks
        if matches > MOST_MATCHES:
            break
        chosen.append(term.query)
    if not chosen:
        return " & ".join(f"( {term.query} )" for term in terms[:2])
    return " | ".join(f"( {query} )" for query in chosen)
