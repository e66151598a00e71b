"""From pairs of question and passage to scores, by a cross-encoder; ours for a plain BERT, else the library's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from governance.gateway.embedding.bert import Shape, Tokens, read_json, read_weights
from governance.gateway.embedding.cpu import Engine
from governance.gateway.embedding.encoders import CHARS_PER_TOKEN, max_tokens
from governance.gateway.embedding.engine import Wanted, load_bert


@dataclass(frozen=True, slots=True)
class Pair:
    """`size` is its length in tokens, or a guess."""

    question: str
    text: str
    size: int
    tokens: Tokens | None = None


class PairScorer(Protocol):
    """Several threads may call `prepare`; `score` is called by one at a time."""

    engine: Engine

    def prepare(self, question: str, texts: Sequence[str]) -> list[Pair]: ...

    def score(self, pairs: Sequence[Pair]) -> list[float]:
        """In 0 … 1, in the pairs' order."""


class BertPairScorer:
    """
    A BERT with a pooler and one score on its first token.

    Nogueira and Cho 2019, arXiv:1901.04085.
    """

    def __init__(self, folder: Path, shape: Shape, wanted: Wanted) -> None:
        self._bert = load_bert(folder, shape, wanted)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens(folder, shape.max_tokens), strategy="longest_first")
        self.engine = self._bert.engine
        self._head = {name: weight.clone() for name, weight in read_weights(folder).items() if is_of_head(name)}

    def prepare(self, question: str, texts: Sequence[str]) -> list[Pair]:
        encodings = self._tokenizer.encode_batch([(question, text) for text in texts])
        return [
            Pair(question, text, len(encoding.ids), Tokens(encoding.ids, encoding.type_ids))
            for text, encoding in zip(texts, encodings, strict=True)
        ]

    @torch.inference_mode()
    def score(self, pairs: Sequence[Pair]) -> list[float]:
        tokens = [pair.tokens for pair in pairs if pair.tokens is not None]
        lengths = torch.tensor([len(one) for one in tokens])
        first = self._bert.states(tokens)[lengths.cumsum(0) - lengths]
        pooled = torch.tanh(self._linear("pooler.dense", first))
        scores: list[float] = self._linear("classifier", pooled).sigmoid().squeeze(1).tolist()
        return scores

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return functional.linear(x, self._head[f"{name}.weight"], self._head[f"{name}.bias"])


class LibraryPairScorer:
    """Any other cross-encoder with one score that sentence-transformers reads."""

    engine: Engine = "float32"

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import CrossEncoder

        self._model = CrossEncoder(str(folder), device="cpu", num_labels=1, local_files_only=True)

    def prepare(self, question: str, texts: Sequence[str]) -> list[Pair]:
        return [Pair(question, text, 2 + (len(question) + len(text)) // CHARS_PER_TOKEN) for text in texts]

    def score(self, pairs: Sequence[Pair]) -> list[float]:
        asked = [(pair.question, pair.text) for pair in pairs]
        scores: list[float] = self._model.predict(
            asked, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False
        ).tolist()
        return scores


def is_of_head(name: str) -> bool:
    return name.startswith(("pooler.", "classifier."))


def load_scorer(folder: Path, wanted: Wanted) -> PairScorer:
    shape = Shape.of(folder)
    config = read_json(folder / "config.json")
    has_one_score = len(config.get("id2label", ())) == 1
    if shape is not None and has_one_score and config.get("architectures") == ["BertForSequenceClassification"]:
        return BertPairScorer(folder, shape, wanted)
    return LibraryPairScorer(folder)
