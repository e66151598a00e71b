"""Which search index is live, and which are kept up to date beside it."""

from django.db import connection
from django.utils import timezone

from governance.gateway.embeddings import embedder
from knowledge.index.models import SearchIndex

State = SearchIndex.State


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
    return [live, *SearchIndex.objects.exclude(pk=live.pk)]


def make_searchable(index: SearchIndex) -> None:
    """Create the HNSW index (Malkov & Yashunin 2016) over the index's vectors."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS vector_by_meaning_{index.number:d} ON knowledge_vector "
            f"USING hnsw ((embedding::halfvec({index.dimension:d})) halfvec_cosine_ops) "
            f"WITH (m = 16, ef_construction = 64) WHERE index_id = {index.number:d} AND chunk_id IS NOT NULL"
        )
