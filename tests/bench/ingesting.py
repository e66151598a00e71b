"""From files to passages that can be searched: two files at a time, as the worker reads them."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from governance.gateway.embeddings import embedder
from knowledge.documents.models import DocumentVersion
from knowledge.index.embed import SLICE
from knowledge.index.models import Chunk
from knowledge.index.word_vectors import word_spans
from knowledge.ingest.run import read_next
from tests.bench import output
from tests.bench.corpus import Corpus

WORKER_THREADS = 2
HEAD = ("import", "files", "ready", "failed", "passages", "s", "files/s", "passages/s")


def table(corpus: Corpus) -> str:
    embedder().warm_up()
    rows = [row("first", corpus), row("again, unchanged", corpus)]
    note = f"The same passages embedded and nothing else: {raw_engine()} passages/s."
    return output.table(f"Ingest: {corpus.name}", HEAD, rows) + "\n\n" + note


def read_what_waits() -> None:
    while read_next():
        pass
    connection.close()


def embedded_texts() -> list[str]:
    """What was embedded of every passage: its title and headings, and its text."""
    chunks = Chunk.objects.order_by("pk").values_list("context", "text")
    return [f"{context}\n{text}" for context, text in chunks]


def raw_engine() -> str:
    """Passages a second when the same texts, words included, are only embedded, as many at once as an import does."""
    texts = embedded_texts()
    begun = time.perf_counter()
    for begin in range(0, len(texts), SLICE):
        some = texts[begin : begin + SLICE]
        embedder().embed_with_windows(some, [word_spans(text) for text in some])
    return f"{len(texts) / (time.perf_counter() - begun):.0f}"


def row(name: str, corpus: Corpus) -> tuple[object, ...]:
    passages_before = Chunk.objects.count()
    begun = time.perf_counter()
    corpus.take_in()
    queued = [*DocumentVersion.objects.unfinished().values_list("pk", flat=True)]
    with ThreadPoolExecutor(WORKER_THREADS) as threads:
        for reading in [threads.submit(read_what_waits) for _ in range(WORKER_THREADS)]:
            reading.result()
    states = Counter(DocumentVersion.objects.filter(pk__in=queued).values_list("state", flat=True))
    took_s = time.perf_counter() - begun
    files = DocumentVersion.objects.count()
    passages = Chunk.objects.count() - passages_before
    rates = f"{files / took_s:.1f}", f"{passages / took_s:.0f}"
    return name, files, states["ready"], states["failed"], passages, f"{took_s:.1f}", *rates
