"""How vectors are stored, and the first search index: what Django's models cannot say."""

from django.db import migrations

# A row of vectors must be short to be compared fast: the embedding stays in the row, the words' vectors never do.
STORAGE = """
ALTER TABLE knowledge_vector ALTER COLUMN embedding SET STORAGE PLAIN;
ALTER TABLE knowledge_block ALTER COLUMN centroid SET STORAGE PLAIN;
ALTER TABLE knowledge_vector ALTER COLUMN words SET STORAGE EXTERNAL;
ALTER TABLE knowledge_vector SET (toast_tuple_target = 128);
"""

FIRST_INDEX = """
INSERT INTO knowledge_searchindex (number, model, dimension, max_tokens, languages, chunk_count, state, created_at, live_since)
VALUES (1, 'all-MiniLM-L6-v2', 384, 256, '{}', 0, 'live', now(), now());
CREATE INDEX vector_by_meaning_1 ON knowledge_vector USING hnsw ((embedding::halfvec(384)) halfvec_ip_ops)
WITH (m = 16, ef_construction = 160) WHERE index_id = 1 AND chunk_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]

    operations = [
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(FIRST_INDEX, "DROP INDEX vector_by_meaning_1; DELETE FROM knowledge_searchindex;"),
    ]
