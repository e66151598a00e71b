"""From files to passages that can be searched: one file at a time, as `import_documents --wait` reads them."""

import time
from collections import Counter

from governance.gateway.embeddings import embedder
from knowledge.documents.importing import follow
from knowledge.documents.models import DocumentVersion
from knowledge.index.models import Chunk
from tests.bench import output
from tests.bench.corpus import Corpus

HEAD = ("import", "files", "ready", "failed", "passages", "s", "files/s", "passages/s")


def table(corpus: Corpus) -> str:
    embedder().warm_up()
    return output.table(f"Ingest: {corpus.name}", HEAD, [row("first", corpus), row("again, unchanged", corpus)])


def row(name: str, corpus: Corpus) -> tuple[object, ...]:
    passages_before = Chunk.objects.count()
    begun = time.perf_counter()
    corpus.take_in()
    queued = [*DocumentVersion.objects.unfinished().values_list("pk", flat=True)]
    states = Counter(version.state for version in follow(queued, worker_lives=False))
    took_s = time.perf_counter() - begun
    files = DocumentVersion.objects.count()
    passages = Chunk.objects.count() - passages_before
    rates = f"{files / took_s:.1f}", f"{passages / took_s:.0f}"
    return name, files, states["ready"], states["failed"], passages, f"{took_s:.1f}", *rates
