"""Which arithmetic a model computes in: by the CPU, and only if its results agree with float32."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from governance.gateway.embedding.bert import Bert, Shape, Tokens, read_weights
from governance.gateway.embedding.cpu import best_for, cpu_flags

logger = logging.getLogger(__name__)

Wanted = Literal["auto", "bfloat16", "int8", "float32"]

LEAST_COSINE = 0.99
PROBES = ((7, 3), (40, 11), (120, 29))
"""Lengths and seeds of the texts that engines are compared on; any words do, it is arithmetic that is tested."""


def load_bert(folder: Path, shape: Shape, wanted: Wanted) -> Bert:
    """The model in `folder` with the wanted engine; in float32 if that fails here, or gives other results."""
    weights = read_weights(folder)
    exact = Bert(weights, shape, "float32")
    engine = best_for(cpu_flags()) if wanted == "auto" else wanted
    if engine == "float32":
        return exact
    try:
        fast = Bert(weights, shape, engine)
        cosine = agreement(fast, exact, probes(shape, len(weights["embeddings.word_embeddings.weight"])))
    except (RuntimeError, AttributeError) as error:  # another build of torch, or another kind of CPU
        logger.warning("%s can't compute in %s here, takes float32: %s", folder.name, engine, error)
        return exact
    if cosine < LEAST_COSINE:
        logger.warning("%s in %s has a cosine of %.4f to float32, takes float32", folder.name, engine, cosine)
        return exact
    return fast


def probes(shape: Shape, vocabulary: int) -> list[Tokens]:
    return [
        Tokens(torch.randint(vocabulary, (min(length, shape.max_tokens),), generator=seeded(seed)).tolist())
        for length, seed in PROBES
    ]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def agreement(one: Bert, other: Bert, texts: Sequence[Tokens]) -> float:
    """The least cosine between the two models' mean states of a text."""
    cosines = functional.cosine_similarity(mean_states(one, texts), mean_states(other, texts))
    return float(cosines.min())


def mean_states(model: Bert, texts: Sequence[Tokens]) -> Tensor:
    return torch.stack(
        [states.mean(0) for states in model.states(texts).split_with_sizes([len(text) for text in texts])]
    )
