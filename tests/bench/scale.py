"""
Search among very many chunks: how long it takes and how much it finds, for audiences of every width.

The chunks are synthetic: documents in clusters of a space with 48 dimensions, turned into 384, with words drawn by
Zipf's law, and from a part of the vocabulary that their cluster prefers. `CHUNKS` says how many.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from django.contrib.auth.models import Group
from django.db import connection
from numpy.typing import NDArray
from pgvector import HalfVector

from governance.access.audience import Audience
from governance.access.models import User
from knowledge.index.indexes import live_index, make_searchable
from knowledge.index.models import SearchIndex
from knowledge.index.store import BLOCK_SIZE, VECTOR_TYPES, VECTORS
from knowledge.index.vocabulary import recount_words
from knowledge.search.candidates import Candidate, candidates
from knowledge.search.reach import way_for
from knowledge.search.rescore import QuestionWords, rescore
from knowledge.search.search import hits_of, ranking, shares_of, without_duplicates
from knowledge.search.terms import terms_of
from tests.bench import output
from tests.bench.output import say

CLUSTERS = 1000
LATENT, DIMENSION = 48, 384
CHUNKS_PER_DOCUMENT = 50
WORDS_PER_CHUNK = 60
WORD_VECTORS = 40
WARMING = 150
COMPARED = 20
"""Questions of each audience whose answers are held against the exact ones, which take a second each."""
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
    found: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found


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
    each = [place for place in range(len(ids)) for _ in range(CHUNKS_PER_DOCUMENT)]
    texts = maker.texts(clusters[each], WORDS_PER_CHUNK)
    cursor.execute(
        """
        INSERT INTO knowledge_chunk (
            index_id, version_id, ordinal, heading, context, text, corrected, disabled, start, "end", page, tokens,
            search
        )
        SELECT 1, version_id, ordinal, '', '', text, '', false, ordinal * 1000, ordinal * 1000 + length(text), null, 80,
            setweight(to_tsvector('english', text), 'D')
        FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS chunk (version_id, ordinal, text) RETURNING id
        """,
        [[ids[place][1] for place in each], [n % CHUNKS_PER_DOCUMENT for n in range(len(each))], texts],
    )
    chunks = [row[0] for row in cursor.fetchall()]
    vectors = maker.vectors(clusters[each])
    groups = [(place, n) for place in range(len(ids)) for n in range(0, CHUNKS_PER_DOCUMENT, BLOCK_SIZE)]
    blocks = add_blocks(cursor, ids, groups, vectors)
    with cursor.copy(VECTORS) as copy:
        copy.set_types(VECTOR_TYPES)
        for n, place in enumerate(each):
            document, version = ids[place]
            block = blocks[place, n % CHUNKS_PER_DOCUMENT // BLOCK_SIZE]
            words = maker.random.bytes(WORD_VECTORS * DIMENSION // 8)
            vector = HalfVector(vectors[n]).to_binary()
            copy.write_row((1, document, version, block, chunks[n], b"", grants[place], vector, words))


def add_blocks(
    cursor: Any, ids: Sequence[tuple[int, int]], groups: Sequence[tuple[int, int]], vectors: Floats
) -> dict[tuple[int, int], int]:
    """Their ids, by document's place and by number within the document."""
    firsts = [place * CHUNKS_PER_DOCUMENT + n for place, n in groups]
    lengths = [min(BLOCK_SIZE, CHUNKS_PER_DOCUMENT - n) for _, n in groups]
    means = unit(np.stack([vectors[at : at + length].mean(axis=0) for at, length in zip(firsts, lengths, strict=True)]))
    cursor.execute(
        """
        INSERT INTO knowledge_block (index_id, version_id, centroid)
        SELECT 1, version_id, centroid::halfvec FROM unnest(%s::bigint[], %s::text[]) AS block (version_id, centroid)
        RETURNING id
        """,
        [[ids[place][1] for place, _ in groups], [HalfVector(mean).to_text() for mean in means]],
    )
    return {(place, n // BLOCK_SIZE): row[0] for (place, n), row in zip(groups, cursor.fetchall(), strict=True)}


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


@dataclass(frozen=True)
class Question:
    """A question as search sees it once it is embedded."""

    text: str
    vector: Floats
    words: QuestionWords


def questions(maker: Maker, count: int) -> list[Question]:
    """Each about one cluster, which an audience may know nothing of."""
    clusters = maker.random.integers(0, CLUSTERS, count)
    vectors, texts = maker.vectors(clusters), maker.texts(clusters, 8)
    words = [unit(maker.random.normal(size=(8, DIMENSION)).astype(np.float32)) for _ in range(count)]
    ones = np.ones(8, dtype=np.float32)
    return [
        Question(text, vector, QuestionWords(rows, ones))
        for text, vector, rows in zip(texts, vectors, words, strict=True)
    ]


def table(chunks: int, count: int = 100) -> str:
    """Fill, index, ask: the figures of every audience. Nothing else may be in the database."""
    world = fill(chunks)
    took = build_indexes()
    asked = questions(world.maker, count)
    for question in questions(world.maker, WARMING):  # a service that runs has the pages in memory that it reads
        for audience in world.audiences.values():
            once(question, audience, live_index())
    rows = [row(name, audience, asked) for name, audience in world.audiences.items()]
    head = ("audience", "way", "recall@10", "p50 ms", "p95 ms", "reach", "terms", "candidates", "ranking")
    built = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in took.items())
    return output.table(f"Scale: {chunks:,} chunks", head, rows) + f"\n\nBuilt: {built}. On disk: {sizes()}."


def row(name: str, audience: Audience, asked: Sequence[Question]) -> tuple[object, ...]:
    index = live_index()
    for question in asked[:5]:
        once(question, audience, index)
    runs = [once(question, audience, index) for question in asked]
    recall = np.mean(
        [recall_of(question, audience, run.found) for question, run in zip(asked[:COMPARED], runs, strict=False)]
    )
    parts = np.array([run.parts_ms for run in runs])
    p50, p95 = np.percentile(parts.sum(axis=1), [50, 95])
    medians = [f"{value:.1f}" for value in np.median(parts, axis=0)]
    return name, runs[0].way, f"{recall:.3f}", f"{p50:.1f}", f"{p95:.1f}", *medians


@dataclass(frozen=True)
class Run:
    way: str
    found: list[Candidate]
    parts_ms: tuple[float, ...]


def once(question: Question, audience: Audience, index: SearchIndex) -> Run:
    """What `find` does, step by step, without the model."""
    marks = [time.perf_counter()]
    way = way_for(audience, index)
    marks.append(time.perf_counter())
    terms = terms_of(question.text, index)
    marks.append(time.perf_counter())
    found = candidates(question.vector, terms.terms, audience=audience, way=way, index=index)
    marks.append(time.perf_counter())
    shares = shares_of(terms, found)
    rescored = rescore(
        question.words,
        similarities=[candidate.similarity for candidate in found],
        words=[candidate.words for candidate in found],
        shares=shares,
    )
    hits_of(without_duplicates(ranking(found, rescored, shares)[:30]), terms, audience, 10)
    marks.append(time.perf_counter())
    return Run(way, found, tuple(1000 * (after - before) for before, after in pairwise(marks)))


def recall_of(question: Question, audience: Audience, found: Sequence[Candidate]) -> float:
    """Of the ten nearest chunks that the audience may see, the share that is among the candidates."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT chunk_id FROM knowledge_vector WHERE grants && %s::int[] AND chunk_id IS NOT NULL
            ORDER BY (embedding::halfvec(384) <#> %s::halfvec(384)) + 0 LIMIT 10
            """,
            [audience.grants, HalfVector(question.vector).to_text()],
        )
        nearest = {row[0] for row in cursor.fetchall()}
    return len(nearest & {candidate.chunk_id for candidate in found}) / len(nearest)


def sizes() -> str:
    names = {"vectors": "knowledge_vector", "chunks": "knowledge_chunk", "blocks": "knowledge_block"}
    inside = {"HNSW": "vector_by_meaning_1", "words' index": "chunk_by_words", "vocabulary": "knowledge_word"}
    with connection.cursor() as cursor:
        found = []
        for name, relation in (names | inside).items():
            cursor.execute("SELECT pg_total_relation_size(%s)", [relation])
            found.append(f"{name} {cursor.fetchone()[0] / 1024**2:,.0f} MiB")
    return ", ".join(found)
