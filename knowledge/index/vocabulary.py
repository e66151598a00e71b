"""Which stems the live index holds, and in how many chunks."""

from django.db import connection

from knowledge.index.models import SearchIndex

LOCK = 0x566F6361
"""Counts are changed by one transaction at a time, at its end: without that, two could wait for each other."""

STEMS = """
SELECT stem, count(*)::int AS n
FROM knowledge_chunk AS chunk, unnest(tsvector_to_array(chunk.search)) AS stem
WHERE chunk.version_id = %(version_id)s AND chunk.index_id = %(index_id)s AND NOT chunk.disabled
  AND length(stem) <= 100
GROUP BY stem
"""
ADD = f"""
INSERT INTO knowledge_word AS word (stem, chunks, trigrams)
SELECT stem, n, ARRAY(
    SELECT DISTINCT substr('  ' || stem || ' ', place, 3) FROM generate_series(1, length(stem) + 1) AS place
)
FROM ({STEMS}) AS found
ON CONFLICT (stem) DO UPDATE SET chunks = word.chunks + excluded.chunks
"""  # noqa: S608 - put together from constants
TAKE = f"""
UPDATE knowledge_word AS word SET chunks = word.chunks - n FROM ({STEMS}) AS found WHERE word.stem = found.stem
"""  # noqa: S608
COUNT = """
UPDATE knowledge_searchindex SET chunk_count = greatest(0, chunk_count + %(sign)s * (
    SELECT count(*) FROM knowledge_chunk
    WHERE version_id = %(version_id)s AND index_id = %(index_id)s AND NOT disabled
)), languages = ARRAY(
    SELECT DISTINCT name FROM unnest(languages || (
        SELECT language::text FROM knowledge_documentversion WHERE id = %(version_id)s
    )) AS name WHERE name IS NOT NULL ORDER BY name
) WHERE number = %(index_id)s
"""
EVERY_STEM = """
DELETE FROM knowledge_word;
INSERT INTO knowledge_word (stem, chunks, trigrams)
SELECT stem, count(*), ARRAY(
    SELECT DISTINCT substr('  ' || stem || ' ', place, 3) FROM generate_series(1, length(stem) + 1) AS place
)
FROM knowledge_chunk AS chunk, unnest(tsvector_to_array(chunk.search)) AS stem
WHERE chunk.index_id = %(index_id)s AND NOT chunk.disabled AND length(stem) <= 100
GROUP BY stem
"""


def add_words(version_id: int, index: SearchIndex) -> None:
    """Count the stems of a version's stored chunks in. Call it last in the transaction."""
    _change(version_id, index, ADD, sign=1)


def take_words(version_id: int, index: SearchIndex) -> None:
    """Count the stems of a version's chunks out, before the chunks are deleted; stems of no chunk are forgotten."""
    _change(version_id, index, TAKE, sign=-1)


def _change(version_id: int, index: SearchIndex, sql: str, sign: int) -> None:
    parameters = {"version_id": version_id, "index_id": index.pk, "sign": sign}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(COUNT, parameters)
        if SearchIndex.objects.filter(pk=index.pk, state=SearchIndex.State.LIVE).exists():  # as it is under the lock
            cursor.execute(sql, parameters)
            cursor.execute("DELETE FROM knowledge_word WHERE chunks <= 0")


def recount_words(index: SearchIndex) -> None:
    """Count all stems anew, for an index that is about to become live."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(EVERY_STEM, {"index_id": index.pk})
