"""
BERT's forward pass without padding.

The tokens of all texts stand one behind the other in one matrix; only attention looks at texts apart. So next to no
time goes into padding, and none into masks. In float32 that makes it up to twice as fast as the library's, with
`linear`'s bfloat16 about three times. Source: Devlin et al. 2018, arXiv:1810.04805; names as in `transformers`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn import functional

from governance.gateway.embedding.cpu import Engine
from governance.gateway.embedding.linear import LINEAR, Linear

Weights = dict[str, Tensor]

SCORES_AT_ONCE = 40_000
"""Attention scores per head that are computed in one go: those of 12 heads just fit the processor's cache."""

ROWS_STEP = 16
"""Rows are filled up to a multiple of this: oneDNN plans anew for each size it hasn't seen, for milliseconds."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text, or a pair, as the model reads it; `types` tells the parts of a pair, none means all 0."""

    ids: Sequence[int]
    types: Sequence[int] | None = None

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Shape:
    """What `config.json` says of a model."""

    layers: int
    heads: int
    width: int
    max_tokens: int
    epsilon: float

    @classmethod
    def of(cls, folder: Path) -> Self | None:
        """None if the folder's model isn't one that is computed here."""
        config = read_json(folder / "config.json")
        ours = (
            config.get("model_type") == "bert"
            and config.get("hidden_act") == "gelu"
            and config.get("position_embedding_type", "absolute") == "absolute"
            and (folder / "model.safetensors").exists()
            and (folder / "tokenizer.json").exists()
        )
        if not ours:
            return None
        return cls(
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            width=config["hidden_size"],
            max_tokens=config["max_position_embeddings"],
            epsilon=config["layer_norm_eps"],
        )


def read_json(path: Path) -> Any:
    """An empty object if there is no such file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def read_weights(folder: Path) -> Weights:
    """As they were saved, by name, without the prefix that heads put before BERT's own."""
    from safetensors.torch import load_file

    return {name.removeprefix("bert."): weight for name, weight in load_file(folder / "model.safetensors").items()}


class Layer:
    """
    Self-attention and a feed-forward network, each with a residual and a normalisation behind it.

    The products that make query, key and value are one, and attention's scale is folded into the query's weights.
    """

    def __init__(self, weights: Weights, prefix: str, shape: Shape, engine: Engine) -> None:
        def linear(name: str) -> Linear:
            return LINEAR[engine](weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"])

        scale = (shape.width // shape.heads) ** -0.5
        own = f"{prefix}attention.self."
        joined = {
            part: torch.cat([
                weights[f"{own}query.{part}"] * scale, weights[f"{own}key.{part}"], weights[f"{own}value.{part}"]
            ])
            for part in ("weight", "bias")
        }  # fmt: skip
        self._heads = shape.heads
        self._projections = LINEAR[engine](joined["weight"], joined["bias"])
        self._attended = linear("attention.output.dense")
        self._widen = linear("intermediate.dense")
        self._narrow = linear("output.dense")
        self._norm_attended = Norm(weights, f"{prefix}attention.output.LayerNorm", shape, engine)
        self._norm = Norm(weights, f"{prefix}output.LayerNorm", shape, engine)

    def __call__(self, states: Tensor, lengths: Sequence[int]) -> Tensor:
        attended = attention(self._projections(states), lengths, self._heads)
        states = self._norm_attended(self._attended.plus(attended, states))
        return self._norm(self._narrow.plus(self._widen.gelu(states), states))


class Norm:
    """Layer normalisation."""

    def __init__(self, weights: Weights, name: str, shape: Shape, engine: Engine) -> None:
        self._weight = weights[f"{name}.weight"].to(dtype_of(engine))
        self._bias = weights[f"{name}.bias"].to(dtype_of(engine))
        self._epsilon = shape.epsilon

    def __call__(self, states: Tensor) -> Tensor:
        return functional.layer_norm(states, self._weight.shape, self._weight, self._bias, self._epsilon)


class Bert:
    """The encoder, computing with `engine`. Keeps its own copy of the weights unless that is float32."""

    def __init__(self, weights: Weights, shape: Shape, engine: Engine) -> None:
        dtype = dtype_of(engine)
        self.engine: Engine = engine
        self._words = weights["embeddings.word_embeddings.weight"].to(dtype)
        self._positions = weights["embeddings.position_embeddings.weight"].to(dtype)
        self._types = weights["embeddings.token_type_embeddings.weight"].to(dtype)
        self._norm = Norm(weights, "embeddings.LayerNorm", shape, engine)
        self._layers = [Layer(weights, f"encoder.layer.{n}.", shape, engine) for n in range(shape.layers)]

    @torch.inference_mode()
    def states(self, texts: Sequence[Tokens]) -> Tensor:
        """
        The last layer's states: float32 of shape (tokens of all texts, width), in the texts' order.

        Texts of one length are computed in one go if they stand next to each other.
        """
        lengths = [len(text) for text in texts]
        n_tokens = sum(lengths)
        filler = [0] * (-n_tokens % ROWS_STEP)
        states = self._words[torch.tensor([i for text in texts for i in text.ids] + filler)]
        states += self._positions[torch.tensor([i for length in lengths for i in range(length)] + filler)]
        kinds = [kind for text in texts for kind in text.types or [0] * len(text)]
        states += self._types[torch.tensor(kinds + filler)]
        states = self._norm(states)
        for layer in self._layers:
            states = layer(states, lengths)
        return states[:n_tokens].float()


def attention(projections: Tensor, lengths: Sequence[int], heads: int) -> Tensor:
    """
    Multi-head attention of each text to itself.

    `projections` has the shape (n_tokens, 3 × width): query (scaled), key, value. Returns (n_tokens, width).
    """
    width = projections.shape[1] // 3
    result = projections.new_zeros(projections.shape[0], width)  # rows behind the last text stay 0
    begin = 0
    for n, length in runs(lengths):
        end = begin + n * length
        split = projections[begin:end].view(n, length, 3, heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = split.reshape(3, n * heads, length, -1)
        weights = torch.bmm(query, key.transpose(1, 2)).softmax(-1)
        mixed = torch.bmm(weights, value).view(n, heads, length, -1)
        result[begin:end].view(n, length, heads, -1).copy_(mixed.transpose(1, 2))
        begin = end
    return result


def runs(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """(how many, how long) for texts of one length in a row, no more of them than fit the cache."""
    found: list[tuple[int, int]] = []
    for length, equal in groupby(lengths):
        left = sum(1 for _ in equal)
        at_once = max(1, SCORES_AT_ONCE // (length * length))
        found += [(min(at_once, left - done), length) for done in range(0, left, at_once)]
    return found


def dtype_of(engine: Engine) -> torch.dtype:
    """Of the states between the products. Int8's are float32: a CPU without bfloat16 is slow at it."""
    return torch.bfloat16 if engine == "bfloat16" else torch.float32
