"""From files to passages that can be searched: one file at a time, as `import_documents --wait` reads them."""

import time
from collections import Counter

from governance.gateway.embeddings import embedder
from knowledge.documents.importing import follow
from knowledge.documents.models import DocumentVersion
from knowledge.index.embed import SLICE
from knowledge.index.models import Chunk
from knowledge.index.word_vectors import word_spans
from tests.bench import output
from tests.bench.corpus import Corpus

HEAD = ("import", "files", "ready", "failed", "passages", "s", "files/s", "passages/s")


def table(corpus: Corpus) -> str:
    embedder().warm_up()
    rows = [row("first", corpus), row("again, unchanged", corpus)]
    note = f"The same passages embedded and nothing else: {raw_engine()} passages/s."
    return output.table(f"Ingest: {corpus.name}", HEAD, rows) + "\n\n" + note


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
    states = Counter(version.state for version in follow(queued, worker_lives=False))
    took_s = time.perf_counter() - begun
    files = DocumentVersion.objects.count()
    passages = Chunk.objects.count() - passages_before
    rates = f"{files / took_s:.1f}", f"{passages / took_s:.0f}"
    return name, files, states["ready"], states["failed"], passages, f"{took_s:.1f}", *rates
