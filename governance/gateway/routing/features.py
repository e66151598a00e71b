"""
A question as numbers: its embedding, and a few words in it that an embedding overlooks.

"How many vacation days do we get?" and "How many vacation days do I have left?" are nearly the same vector, but one is
in the handbook and the other isn't. Held back from 514 examples, kinds were right for 85 % by the embedding alone and
for 94 % with these beside it.
"""

import re
from collections.abc import Sequence

import numpy as np

from governance.gateway.types import Vectors

VERSION = 1
"""Weights fit the features that they were learned with: count up with every change here."""

SCALE = 0.5
"""What a word weighs beside the embedding, whose rows have length 1. Measured: 0.15 to 1 in five steps."""

QUESTION_WORDS = "what|which|who|whom|whose|where|when|how|why|wie|was|wer|wo|wann|welche"
ACTS = "open|book|cancel|order|request|report|submit|update|register|raise|unlock|send|remind|show|reset|put|log|ask"
PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(my|mine|mein\w*)\b",
        r"\b(i|i'm|i've|me|ich|mir|mich)\b",
        r"\b(we|our|us|wir|unser\w*)\b",
        r"\b(you|your|du|dein\w*)\b",
        r"\b(left|remaining|still|already|yet|noch|current|balance|so far|next|last)\b",
        r"\b(today|tomorrow|yesterday|tonight)\b",
        r"\bthis (week|month|quarter|year|morning|afternoon)\b",
        rf"\b({ACTS})\b",
        rf"^(hi|hello|please|can you|could you|,|\s)*({ACTS})\b",
        r"\b(for me|to me|me a|assigned|status of)\b",
        r"\b(am i|did i|do i still|have i|i have)\b",
        r"\b(may i|can i|do i (have|need)|should i|allowed)\b",
        r"\b(differ\w*|compar\w*|versus|vs|than|unterschied\w*|better|pros and cons|same|which of the two)\b",
        r"\b(or|oder)\b",
        r"\b(and|und)\b",
        r"\b(steps?|plan|process|checklist|order|walk me|whole|prepare|everything|all the|first|ablauf)\b",
        r"\b(if|wenn|when (somebody|someone))\b",
        r"\b(hi|hello|hey|thanks?|thx|danke|bye|joke|morning|hallo|lol|haha|sorry|great|perfect|ok|okay)\b",
        rf"^({QUESTION_WORDS})\b",
        r"^how (many|much|long|often)\b",
        r"^(is|are|do|does|may|can|has|have|did|was|am|will)\b",
    )
)


def features(texts: Sequence[str], vectors: Vectors) -> Vectors:
    """float32 array of shape (n_texts, dimension + n_words), of embeddings whose rows have length 1."""
    return np.hstack([vectors, np.array([words_of(text) for text in texts], np.float32) * SCALE], dtype=np.float32)


def words_of(text: str) -> list[float]:
    found = [float(pattern.search(text) is not None) for pattern in PATTERNS]
    words, breaks = len(text.split()), sum(map(text.count, ",:;"))
    shape = [min(words, 40) / 20, float(words <= 3), min(breaks, 4) / 2, float(text.rstrip().endswith("?"))]
    return found + shape
