"""
Search: the passages that answer a question best, among those that the asker may see.

Words and meaning are ranked in one SQL round trip whose first step is the asker's audience: what a person may not see
is never ranked, counted or scored, and how rare a word is, is counted inside the audience too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from governance.access.audience import Audience
from governance.gateway.embeddings import embedder
from governance.gateway.types import Vectors
from knowledge.search.fuse import fuse

POOL = 100

# The words' score is a sum over the question's stems: rarity (BM25's idf) times ts_rank, whose sum over positions
# saturates like BM25's term frequency. Titles and headings count as much as the text.
SQL = """
WITH visible AS (
    SELECT document.id, document.current_id
    FROM knowledge_document AS document
    WHERE document.current_id IS NOT NULL AND (
        document.for_everyone
        OR document.owner_id = %(user_id)s
        OR EXISTS (
            SELECT 1 FROM knowledge_document_groups AS seen_by
            WHERE seen_by.document_id = document.id AND seen_by.group_id = ANY(%(group_ids)s)
        )
    )
),
by_meaning AS (
    SELECT vector.chunk_id AS id
    FROM knowledge_vector AS vector JOIN visible ON visible.current_id = vector.version_id
    WHERE vector.chunk_id IS NOT NULL AND vector.index_id = 1
    ORDER BY vector.embedding::halfvec(384) <=> %(vector)s::halfvec(384)
    LIMIT %(pool)s
),
term AS (
    SELECT lexeme, quote_literal(lexeme)::tsquery AS query FROM unnest(to_tsvector('english', %(query)s))
),
matched AS MATERIALIZED (
    SELECT term.lexeme, chunk.id, ts_rank('{1, 1, 1, 1}', chunk.search, term.query) AS frequency
    FROM term JOIN knowledge_chunk AS chunk ON chunk.search @@ term.query
    JOIN visible ON visible.current_id = chunk.version_id
),
total AS (
    SELECT count(*) AS n FROM knowledge_chunk AS chunk JOIN visible ON visible.current_id = chunk.version_id
),
rarity AS (
    SELECT lexeme, ln(1 + (total.n - count(*) + 0.5) / (count(*) + 0.5)) AS idf
    FROM matched, total GROUP BY lexeme, total.n
),
by_words AS (
    SELECT matched.id, sum(rarity.idf * matched.frequency) AS score
    FROM matched JOIN rarity USING (lexeme)
    GROUP BY matched.id
    ORDER BY score DESC, matched.id
    LIMIT %(pool)s
)
SELECT chunk.id, 1 - (vector.embedding <=> %(vector)s::halfvec), coalesce(by_words.score, 0)::float8,
       chunk.heading, chunk.text, chunk.start, chunk."end", chunk.page,
       version.id, version.number, document.id, document.title, document.path,
       coalesce(nullif(owner.name, '') || ' (' || owner.email || ')', owner.email, '')
FROM by_meaning FULL JOIN by_words USING (id)
JOIN knowledge_chunk AS chunk USING (id)
JOIN knowledge_vector AS vector ON vector.chunk_id = chunk.id
JOIN knowledge_documentversion AS version ON version.id = chunk.version_id
JOIN knowledge_document AS document ON document.id = version.document_id
LEFT JOIN governance_user AS owner ON owner.id = document.owner_id AND owner.is_active
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A passage that one of the two rankings found.

    `similarity` is the cosine of question and passage; `word_score` is 0 where no word is shared. `owner` is whom to
    ask about the document, as words, or empty.
    """

    chunk_id: int
    similarity: float
    word_score: float
    heading: str
    text: str
    start: int
    end: int
    page: int | None
    version_id: int
    version: int
    document_id: int
    document: str
    path: str
    owner: str


@dataclass(frozen=True, slots=True)
class Hit(Candidate):
    """One found passage. `rank` counts from 1; `score` lies in 0..1 and is comparable within one search only."""

    rank: int
    score: float


def search(query: str, *, audience: Audience, top: int = 10) -> list[Hit]:
    """The `top` best passages for the query, best first; empty for an empty query."""
    query = " ".join(query.replace("\x00", " ").split())
    if not query:
        return []
    return rank(candidates(query, embedder().embed([query]), audience), top)


def candidates(query: str, vector: Vectors, audience: Audience) -> list[Candidate]:
    """The first hundred by meaning and by words, inside the audience. `vector` has shape (1, 384)."""
    parameters: dict[str, str | int | list[int] | None] = {
        "query": query,
        "vector": "[" + ",".join(f"{x:.6f}" for x in vector[0]) + "]",
        "pool": POOL,
        "user_id": audience.user_id,
        "group_ids": list(audience.group_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL, parameters)
        return [Candidate(*row) for row in cursor.fetchall()]


def rank(found: Sequence[Candidate], top: int) -> list[Hit]:
    """The best of the candidates by fused score, ties in a fixed order."""
    scores = fuse([candidate.similarity for candidate in found], [candidate.word_score for candidate in found])
    best = sorted(zip(scores, found, strict=True), key=lambda pair: (-pair[0], pair[1].chunk_id))[:top]
    return [
        Hit(**{name: getattr(candidate, name) for name in Candidate.__slots__}, rank=place, score=round(score, 4))
        for place, (score, candidate) in enumerate(best, 1)
    ]
