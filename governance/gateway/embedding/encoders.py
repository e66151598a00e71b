"""From texts to vectors: with our own forward pass where a model is a plain BERT, with the library's elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional

from governance.gateway.embedding.bert import Bert, Shape, Tokens, read_json
from governance.gateway.embedding.cpu import Engine
from governance.gateway.embedding.engine import Wanted, load_bert
from governance.gateway.types import Vectors

Span = tuple[int, int]
"""From the first place, up to but without the second."""
CHARS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A text ready for the forward pass, with the windows in it that get a vector, too.

    `size` is its length in tokens, or a guess. Windows are spans of `ids` where there are ids, else of `text`.
    """

    text: str
    size: int
    windows: Sequence[Span]
    ids: Sequence[int] = ()


class Encoder(Protocol):
    """Several threads may call `prepare`; `encode` is called by one at a time."""

    engine: Engine
    dimension: int
    max_tokens: int

    def prepare(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[Prepared]: ...

    def encode(self, texts: Sequence[Prepared]) -> list[Vectors]:
        """Per text, float32 of shape (1 + n_windows, dimension): the text's vector, then its windows'."""


class BertEncoder:
    """
    A BERT whose vectors are the mean of its tokens' states.

    A window's vector is the mean over its tokens in the context of the whole text: "late chunking", Günther et al.
    2024, arXiv:2409.04701.
    """

    def __init__(self, folder: Path, shape: Shape, wanted: Wanted) -> None:
        self._model: Bert = load_bert(folder, shape, wanted)
        self._tokenizer = read_tokenizer(folder)
        self.engine = self._model.engine
        self.dimension = shape.width
        self.max_tokens = max_tokens(folder, shape.max_tokens)

    def prepare(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[Prepared]:
        encodings = self._tokenizer.encode_batch(list(texts))
        return [
            self._prepared(text, encoding, windows)
            for text, encoding, windows in zip(texts, encodings, spans, strict=True)
        ]

    def _prepared(self, text: str, encoding: Any, spans: Sequence[Span]) -> Prepared:
        """A long text keeps its last token, which marks the end."""
        ids = encoding.ids
        if len(ids) > self.max_tokens:
            ids = [*ids[: self.max_tokens - 1], ids[-1]]
        if not spans:
            return Prepared(text, len(ids), (), ids)
        # Without the first and the last token, which stand for no characters.
        offsets = np.array(encoding.offsets[1 : len(ids) - 1]).reshape(-1, 2)
        begins = 1 + np.searchsorted(offsets[:, 0], [begin for begin, _ in spans], side="left")
        ends = 1 + np.searchsorted(offsets[:, 1], [end for _, end in spans], side="right")
        return Prepared(text, len(ids), list(zip(begins.tolist(), ends.tolist(), strict=True)), ids)

    @torch.inference_mode()
    def encode(self, texts: Sequence[Prepared]) -> list[Vectors]:
        order = sorted(range(len(texts)), key=lambda place: texts[place].size)
        states = self._model.states([Tokens(texts[place].ids) for place in order])
        sums = functional.pad(states.double().cumsum(0), (0, 0, 1, 0))
        found: dict[int, Vectors] = {}
        first = 0
        for place in order:
            length = texts[place].size
            windows = torch.tensor([(0, length), *texts[place].windows]) + first
            begins, ends = windows[:, 0], windows[:, 1]
            mean = (sums[ends] - sums[begins]) * (ends > begins)[:, None]
            found[place] = functional.normalize(mean, dim=1).float().numpy()
            first += length
        return [found[place] for place in range(len(texts))]


class LibraryEncoder:
    """Any other model that sentence-transformers reads; windows are embedded as texts of their own."""

    engine: Engine = "float32"

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.max_tokens = int(self._model.max_seq_length or 512)

    def prepare(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[Prepared]:
        sizes = [min(self.max_tokens, 2 + len(text) // CHARS_PER_TOKEN) for text in texts]
        return [Prepared(*parts) for parts in zip(texts, sizes, spans, strict=True)]

    def encode(self, texts: Sequence[Prepared]) -> list[Vectors]:
        parts = [[text.text, *(text.text[begin:end] for begin, end in text.windows)] for text in texts]
        flat = [part for text in parts for part in text]
        vectors = self._model.encode(flat, normalize_embeddings=True, show_progress_bar=False).astype(np.float32)
        vectors[[not part.strip() for part in flat]] = 0
        return np.split(vectors, np.cumsum([len(text) for text in parts])[:-1])


def load_encoder(folder: Path, wanted: Wanted) -> Encoder:
    """The encoder of a sentence-transformers folder."""
    shape = Shape.of(folder)
    if shape is not None and is_mean_pooled(folder):
        return BertEncoder(folder, shape, wanted)
    return LibraryEncoder(folder)


def is_mean_pooled(folder: Path) -> bool:
    """Whether a text's vector is the mean of its tokens' states, and nothing comes behind that but normalising."""
    kinds = [module["type"].rsplit(".", 1)[1] for module in read_json(folder / "modules.json")]
    pooling = read_json(folder / "1_Pooling" / "config.json")
    modes = {name for name, is_on in pooling.items() if name.startswith("pooling_mode_") and is_on}
    is_mean = pooling.get("pooling_mode") == "mean" or modes == {"pooling_mode_mean_tokens"}
    lowers = read_json(folder / "sentence_bert_config.json").get("do_lower_case", False)
    return kinds in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]) and is_mean and not lowers


def read_tokenizer(folder: Path) -> Tokenizer:
    """Without truncation: the encoder cuts by itself, and counting wants all."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def max_tokens(folder: Path, limit: int) -> int:
    """The most tokens of a text that the model was meant to read: sentence-transformers' rule."""
    said = read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    said = said or read_json(folder / "tokenizer_config.json").get("model_max_length")
    return min(int(said or limit), limit)
