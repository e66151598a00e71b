"""
Search among very many chunks: how long it takes and how much it finds, for audiences of every width.

The chunks are synthetic: documents in clusters of a space with 48 dimensions, turned into 384, with words drawn by Zipf's
law from a vocabulary of which each cluster prefers a part. `CHUNKS` says how many; a million takes a quarter of an hour.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.contrib.auth.models import Group
from django.db import connection
from numpy.typing import NDArray
from pgvector import HalfVector

from governance.access.audience import Audience
from governance.access.models import User
from knowledge.index.indexes import live_index, make_searchable
from knowledge.index.store import VECTOR_TYPES, VECTORS
from knowledge.index.vocabulary import recount_words
from tests.bench.output import say

CLUSTERS = 1000
LATENT, DIMENSION = 48, 384
CHUNKS_PER_DOCUMENT = 50
WORDS_PER_CHUNK = 60
VOCABULARY = 60_000
BATCH = 20_000

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


def words_of(generator: np.random.Generator) -> list[str]:
    letters = np.array(list("bcdfghklmnprstvw")), np.array(list("aeiou"))
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        syllables = generator.integers(2, 5)
        made[
            "".join(letters[0][generator.integers(16)] + letters[1][generator.integers(5)] for _ in range(syllables))
        ] = None
    return list(made)


def unit(rows: Floats) -> Floats:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Maker:
    """Makes documents' vectors and words, the same for the same seed."""

    def __init__(self, seed: int = 7) -> None:
        self.random = np.random.default_rng(seed)
        self.words = words_of(self.random)
        self.projection = self.random.normal(size=(LATENT, DIMENSION)).astype(np.float32)
        self.centres = self.random.normal(size=(CLUSTERS, LATENT)).astype(np.float32)
        ranks = np.arange(1, VOCABULARY + 1)
        self.cumulated = np.cumsum(1 / ranks) / np.sum(1 / ranks)

    def vectors(self, clusters: Numbers, spread: float = 0.35) -> Floats:
        """A float32 row of length 1 for each cluster named."""
        latent = self.centres[clusters] + spread * self.random.normal(size=(len(clusters), LATENT)).astype(np.float32)
        noise = 0.5 * self.random.normal(size=(len(clusters), DIMENSION)).astype(np.float32)
        return unit(latent @ self.projection + noise)

    def texts(self, clusters: Numbers, length: int) -> list[str]:
        """Two words in three from all, by Zipf's law; one in three from the cluster's own sixty."""
        common = np.searchsorted(self.cumulated, self.random.random((len(clusters), length)))
        own = (clusters[:, None] * 60 + self.random.integers(0, 60, (len(clusters), length))) % VOCABULARY
        chosen = np.where(self.random.random((len(clusters), length)) < 0.33, own, np.minimum(common, VOCABULARY - 1))
        return [" ".join(self.words[place] for place in row) for row in chosen]


SHARES = {"100 %": 1, "10 %": 10, "1 %": 100, "0.1 %": 1000}
TOPICS = {"10 %, by topic": CLUSTERS // 10, "1 %, by topic": CLUSTERS // 100}
"""Audiences whose documents are about a tenth, or a hundredth, of all topics, and nothing else."""


@dataclass(frozen=True)
class World:
    """What was filled in, and who sees what share of it."""

    maker: Maker
    audiences: dict[str, Audience]


def fill(chunks: int) -> World:
    """Put `chunks` chunks into the live index, which is empty, and index them."""
    maker = Maker()
    groups = {name: Group.objects.create(name=name).pk for name in (*SHARES, *TOPICS)}
    owner = User.objects.create_user("owner@bench.example", None)
    count = max(1, chunks // CHUNKS_PER_DOCUMENT)
    clusters = maker.random.integers(0, CLUSTERS, count)
    grants = [grants_of(place, int(cluster), groups) for place, cluster in enumerate(clusters)]
    grants[count // 2] = [*grants[count // 2], -owner.pk]
    index = live_index()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS vector_by_meaning_{index.pk}; DROP INDEX chunk_by_words")
        ids = add_documents(cursor, grants)
        step = BATCH // CHUNKS_PER_DOCUMENT
        for begin in range(0, count, step):
            some = slice(begin, begin + step)
            add_chunks(cursor, maker, ids[some], clusters[some], grants[some])
            say(f"{min(begin + step, count) * CHUNKS_PER_DOCUMENT:,} chunks", to=sys.stderr)
    audiences = {name: Audience(None, (pk,)) for name, pk in groups.items()} | {"one document": Audience(owner.pk, ())}
    return World(maker, audiences)


def grants_of(place: int, cluster: int, groups: dict[str, int]) -> list[int]:
    by_share = [groups[name] for name, step in SHARES.items() if place % step == 0]
    return by_share + [groups[name] for name, limit in TOPICS.items() if cluster < limit]


def add_documents(cursor: Any, grants: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Documents with one version each, ready and in use; their ids and their versions'."""
    cursor.execute(
        """
        INSERT INTO knowledge_document (title, path, for_everyone, inherits_audience, owner_id, created_at, updated_at)
        SELECT 'Document ' || n, 'bench/' || n || '.md', false, false, owner_id, now(), now()
        FROM unnest(%s::int[]) WITH ORDINALITY AS made (owner_id, n) RETURNING id
        """,
        [[next((-grant for grant in some if grant < 0), None) for some in grants]],
    )
    documents = [row[0] for row in cursor.fetchall()]
    cursor.execute(
        """
        INSERT INTO knowledge_documentversion (
            document_id, number, file, filename, sha256, size_bytes, media_type, state, progress, error, error_code,
            title, text, blocks, empty_pages, ocr_pages, table_count, language, questions, created_at, heartbeat_at,
            attempts
        )
        SELECT id, 1, '', 'bench.md', '', 0, 'text/markdown', 'ready', 100, '', '', '', 'x', '[]', '{}', '{}', 0,
            'english', '{}', now(), now(), 1
        FROM unnest(%s::bigint[]) AS id RETURNING id
        """,
        [documents],
    )
    ids = list(zip(documents, [row[0] for row in cursor.fetchall()], strict=True))
    cursor.execute(
        """
        UPDATE knowledge_document AS document SET current_id = version.id
        FROM knowledge_documentversion AS version WHERE version.document_id = document.id
        """
    )
    with cursor.copy("COPY knowledge_document_groups (document_id, group_id) FROM STDIN") as copy:
        for document, some in zip(documents, grants, strict=True):
            for grant in some:
                if grant > 0:
                    copy.write_row((document, grant))
    return ids


def add_chunks(
    cursor: Any, maker: Maker, ids: Sequence[tuple[int, int]], clusters: Numbers, grants: Sequence[Sequence[int]]
) -> None:
    each = np.repeat(np.arange(len(ids)), CHUNKS_PER_DOCUMENT)
    texts = maker.texts(clusters[each], WORDS_PER_CHUNK)
    cursor.execute(
        """
        INSERT INTO knowledge_chunk (
            index_id, version_id, ordinal, heading, context, text, corrected, disabled, start, "end", page, tokens, search
        )
        SELECT 1, version_id, ordinal, '', '', text, '', false, ordinal * 1000, ordinal * 1000 + length(text), null, 80,
            setweight(to_tsvector('english', text), 'D')
        FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS chunk (version_id, ordinal, text) RETURNING id
        """,
        [[ids[place][1] for place in each], [n % CHUNKS_PER_DOCUMENT for n in range(len(each))], texts],
    )
    chunks = [row[0] for row in cursor.fetchall()]
    vectors = maker.vectors(clusters[each])
    with cursor.copy(VECTORS) as copy:
        copy.set_types(VECTOR_TYPES)
        for n, place in enumerate(each):
            document, version = ids[place]
            vector = HalfVector(vectors[n]).to_binary()
            copy.write_row((1, document, version, chunks[n], b"", grants[place], vector, b""))


def build_indexes() -> dict[str, float]:
    """Seconds that each index took."""
    took: dict[str, float] = {}
    index = live_index()
    steps: dict[str, Callable[[Any], object]] = {
        "HNSW": lambda _: make_searchable(index),
        "words (GIN)": lambda cursor: cursor.execute(
            "CREATE INDEX chunk_by_words ON knowledge_chunk USING gin (search) WITH (fastupdate = off)"
        ),
        "vocabulary": lambda _: recount_words(index),
        "statistics": lambda cursor: cursor.execute("ANALYZE"),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '4GB'; SET max_parallel_maintenance_workers = 2")
        for name, build in steps.items():
            begun = time.perf_counter()
            build(cursor)
            took[name] = time.perf_counter() - begun
            say(f"{name}: {took[name]:.0f} s", to=sys.stderr)
        cursor.execute("UPDATE knowledge_searchindex SET chunk_count = (SELECT count(*) FROM knowledge_chunk)")
    return took
