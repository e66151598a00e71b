"""Which search index is live, and which are kept up to date beside it."""

from django.db import connection
from django.utils import timezone

from governance.gateway.embeddings import embedder
from knowledge.index.models import SearchIndex

State = SearchIndex.State
GRAPH = (
    "vector_by_meaning_{number:d} ON knowledge_vector "
    "USING hnsw ((embedding::halfvec({dimension:d})) halfvec_ip_ops) "
    "WITH (m = 16, ef_construction = 160) WHERE index_id = {number:d} AND chunk_id IS NOT NULL"
)
"""The HNSW index (Malkov & Yashunin 2016) over one search index's vectors."""


def live_index() -> SearchIndex:
    """The index that searches use; made for the default embedding model if there is none at all."""
    found = SearchIndex.objects.filter(state=State.LIVE).first()
    if found is None:
        model = embedder()
        found, created = SearchIndex.objects.get_or_create(
            number=1,
            defaults={
                "model": model.name,
                "dimension": model.dimension,
                "max_tokens": model.max_tokens,
                "state": State.LIVE,
                "live_since": timezone.now(),
            },
        )
        if created:
            make_searchable(found)
    return found


def fed_indexes() -> list[SearchIndex]:
    """Every index that a new version goes into: the live one first, then those that are built or stand by."""
    live = live_index()
    return [live, *SearchIndex.objects.exclude(pk=live.pk).exclude(state=State.DROPPED)]


def make_searchable(index: SearchIndex) -> None:
    """Create the graph over the index's vectors at once; nobody can write vectors meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX IF NOT EXISTS " + graph_of(index))


def make_searchable_beside(index: SearchIndex) -> None:
    """Create the graph while searches and uploads go on. Not inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid", [graph_name(index)]
        )
        if cursor.fetchone():  # what a worker left that was stopped half-way
            cursor.execute(f"DROP INDEX CONCURRENTLY {graph_name(index)}")
        cursor.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS " + graph_of(index))


def drop_graph_beside(index: SearchIndex) -> None:
    """Drop the graph while searches go on. Not inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {graph_name(index)}")


def graph_of(index: SearchIndex) -> str:
    return GRAPH.format(number=index.number, dimension=index.dimension)


def graph_name(index: SearchIndex) -> str:
    return f"vector_by_meaning_{index.number:d}"
