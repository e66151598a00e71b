"""Embeddings that need no model: texts that share words point the same way."""

import hashlib
import re

import numpy as np

DIMENSION = 384


def vector_of(text: str, dimension: int = DIMENSION) -> list[float]:
    """The sum of one fixed random vector for each word, of length 1; always the same for the same text."""
    words = re.findall(r"\w+", text.lower()) or [""]
    total = np.sum([_of_word(word, dimension) for word in words], axis=0)
    return [float(value) for value in total / np.linalg.norm(total)]


def _of_word(word: str, dimension: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimension)
