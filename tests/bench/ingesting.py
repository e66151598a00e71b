"""From files to passages that can be searched: read while they are uploaded, as many at a time as the worker reads."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from django.conf import settings
from django.db import connection

from governance.gateway.embedding.word_spans import word_spans
from governance.gateway.embeddings import embedder
from knowledge.documents.models import DocumentVersion
from knowledge.index.embed import SLICE
from knowledge.index.models import Chunk
from knowledge.ingest.run import read_next
from tests.bench import output
from tests.bench.corpus import Corpus

POLL_S = 0.05
HEAD = ("import", "files", "ready", "failed", "passages", "s", "files/s", "passages/s")


def table(corpus: Corpus) -> str:
    embedder().warm_up()
    rows = [row("first", corpus), row("again, unchanged", corpus)]
    note = f"The same passages embedded and nothing else: {raw_engine()} passages/s."
    return output.table(f"Ingest: {corpus.name}", HEAD, rows) + "\n\n" + note


def read_what_comes(uploaded: Event) -> None:
    """Until all is uploaded and read."""
    is_last = False
    while not is_last:
        is_last = uploaded.wait(POLL_S)
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
    known = [*DocumentVersion.objects.values_list("pk", flat=True)]
    begun = time.perf_counter()
    take_in_and_read(corpus)
    took_s = time.perf_counter() - begun
    states = Counter(DocumentVersion.objects.exclude(pk__in=known).values_list("state", flat=True))
    files = DocumentVersion.objects.count()
    passages = Chunk.objects.count() - passages_before
    rates = f"{files / took_s:.1f}", f"{passages / took_s:.0f}"
    return name, files, states["ready"], states["failed"], passages, f"{took_s:.1f}", *rates


def take_in_and_read(corpus: Corpus) -> None:
    uploaded = Event()
    threads = settings.CELERY_WORKER_CONCURRENCY
    with ThreadPoolExecutor(threads) as pool:
        readings = [pool.submit(read_what_comes, uploaded) for _ in range(threads)]
        try:
            corpus.take_in()
        finally:
            uploaded.set()
        for reading in readings:
            reading.result()
