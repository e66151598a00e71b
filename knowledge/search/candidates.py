"""
The passages worth a closer look: the nearest by meaning and the richest in rare words, inside the audience.

One SQL statement, and the audience is a part of it: what it gives is seen by the audience as the documents say at that
moment. The `grants` that the HNSW index is filtered by only repeat what those say, so what it finds is held against
the documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from pgvector import HalfVector

from governance.access.audience import Audience
from governance.gateway.types import Vectors
from knowledge.documents.models import Document
from knowledge.index.models import SearchIndex
from knowledge.search.reach import IS_VISIBLE, VISIBLE, Way, seen_by
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
EXACT = """
    SELECT vector.chunk_id AS id FROM knowledge_vector AS vector
    WHERE vector.version_id = ANY(ARRAY(SELECT id FROM seen)) AND vector.index_id = {index}
        AND vector.chunk_id IS NOT NULL
    ORDER BY (vector.embedding::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})) + 0
    LIMIT %(by_meaning)s
"""
BLOCKWISE = """
    SELECT vector.chunk_id AS id FROM knowledge_vector AS vector
    WHERE vector.block_id = ANY(ARRAY(
        SELECT block.id FROM knowledge_block AS block
        WHERE block.version_id = ANY(ARRAY(SELECT id FROM seen)) AND block.index_id = {index}
        ORDER BY block.centroid::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})
        LIMIT %(blocks)s
    )) AND vector.chunk_id IS NOT NULL
    ORDER BY (vector.embedding::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})) + 0
    LIMIT %(by_meaning)s
"""
GRAPH = """
    SELECT vector.chunk_id AS id FROM knowledge_vector AS vector
    WHERE vector.grants && %(grants)s::int[] AND vector.index_id = {index} AND vector.chunk_id IS NOT NULL
    ORDER BY vector.embedding::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})
    LIMIT %(by_meaning)s
"""
SEEN = f"seen AS MATERIALIZED ({VISIBLE}),"
AMONG_SEEN = "chunk.version_id + 0 IN (SELECT id FROM seen)"  # the plus: rare words narrow down better than versions
IN_DOCUMENT = f"""EXISTS (
    SELECT FROM knowledge_document AS document WHERE document.current_id = chunk.version_id AND {IS_VISIBLE}
)"""
# ts_rank's sum over positions saturates like BM25's term frequency. Titles and headings count as much as the text.
RANK = "CASE WHEN chunk.search @@ term.query THEN ts_rank('{1, 1, 1, 1}', chunk.search, term.query) ELSE 0 END"
SQL = """
WITH {seen}
term AS MATERIALIZED (
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
SELECT version.id, version.number, document.id, document.title, document.path, document.valid_from,
    document.valid_until, document.review_on, document.superseded_by_id, owner.name, owner.email, owner.is_active,
    chunk.id, found.is_near, -(vector.embedding::halfvec({dimension}) <#> %(vector)s::halfvec({dimension})),
    ARRAY(SELECT {rank} FROM term ORDER BY term.place)::float4[],
    chunk.heading, chunk.context, coalesce(nullif(chunk.corrected, ''), chunk.text), chunk.corrected <> '',
    chunk.start, chunk."end", chunk.page, vector.words, halfvec_send(vector.embedding)
FROM (
    SELECT id, bool_or(is_near) AS is_near
    FROM (SELECT id, true AS is_near FROM by_meaning UNION ALL SELECT id, false FROM by_words) AS either GROUP BY id
) AS found
JOIN knowledge_chunk AS chunk ON chunk.id = found.id
JOIN knowledge_vector AS vector ON vector.chunk_id = chunk.id
JOIN knowledge_documentversion AS version ON version.id = chunk.version_id
JOIN knowledge_document AS document ON document.current_id = version.id AND {is_visible}
LEFT JOIN governance_user AS owner ON owner.id = document.owner_id
ORDER BY chunk.id
"""


class Source(NamedTuple):
    """The version and the document that a candidate stands in, with what people are told of it."""

    version_id: int
    version: int
    document_id: int
    title: str
    path: str
    valid_from: date | None
    valid_until: date | None
    review_on: date | None
    superseded_by_id: int | None
    owner_name: str | None
    owner_email: str | None
    owner_is_active: bool | None

    @property
    def always_holds(self) -> bool:
        return self.valid_from is None and self.valid_until is None and self.superseded_by_id is None

    @property
    def document(self) -> Document:
        """As far as its validity goes."""
        return Document(
            pk=self.document_id,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            review_on=self.review_on,
            superseded_by_id=self.superseded_by_id,
        )

    @property
    def owner(self) -> str:
        """Whom to ask, as `Document.contact` says it."""
        if not self.owner_is_active:
            return ""
        return f"{self.owner_name} ({self.owner_email})" if self.owner_name else f"{self.owner_email}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A passage worth a closer look.

    `is_near` tells those found by meaning. `similarity` is the cosine of query and chunk; `word_ranks` holds how well
    each term matches, 0 where it does not; `words` are the vectors of its words as they are stored, `sent` is
    its own vector as PostgreSQL sends a halfvec.
    """

    source: Source
    chunk_id: int
    is_near: bool
    similarity: float
    word_ranks: Sequence[float]
    heading: str
    context: str
    text: str
    is_corrected: bool
    start: int
    end: int
    page: int | None
    words: bytes
    sent: bytes

    @property
    def version_id(self) -> int:
        return self.source.version_id

    @property
    def embedding(self) -> NDArray[np.float32]:
        return np.frombuffer(self.sent, dtype=">f2", offset=HEADER_BYTES).astype(np.float32)


def candidates(
    vector: Vectors, terms: Sequence[Term], *, audience: Audience, way: Way, index: SearchIndex
) -> list[Candidate]:
    """
    The first `BY_MEANING` by meaning and `BY_WORDS` by words; `terms` stand rarest first.

    `vector` has length 1. One of zeros means nothing: only words count.
    """
    parameters: dict[str, Any] = {
        **seen_by(audience),
        "vector": HalfVector(vector).to_text(),
        "queries": [term.query for term in terms],
        "rarities": [term.rarity for term in terms],
        "rare": rare_words(terms),
        "grants": audience.grants,
        "by_meaning": BY_MEANING if vector.any() else 0,
        "by_words": BY_WORDS,
        "blocks": BLOCKS,
        "most_matches": MOST_MATCHES,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(way, int(index.pk), int(index.dimension)), parameters)
        return [candidate_of(row) for row in cursor.fetchall()]


@cache
def statement(way: Way, index: int, dimension: int) -> str:
    nearest = {Way.EXACT: EXACT, Way.BLOCKS: BLOCKWISE, Way.GRAPH: GRAPH}[way]
    names = {"index": index, "dimension": dimension}
    return SQL.format(
        seen="" if way is Way.GRAPH else SEEN,
        nearest=nearest.format(**names),
        visible=IN_DOCUMENT if way is Way.GRAPH else AMONG_SEEN,
        is_visible=IS_VISIBLE,
        rank=RANK,
        **names,
    )


def candidate_of(row: Sequence[Any]) -> Candidate:
    source = Source(*row[: len(Source._fields)])
    return Candidate(source, *row[len(Source._fields) :])


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
