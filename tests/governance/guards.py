"""Guards that say what a test wants, or don't."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from governance.gateway.types import Vectors
from governance.guardrails.values import Judgement


@dataclass
class Says:
    """Finds each of these words, for certain."""

    words: tuple[str, ...] = ("attack",)
    name: str = "injection"
    code: str = "injection.override"
    version: str = "test-1"
    looked_at: list[str] = field(default_factory=list)

    def judge(self, text: str, vector: Vectors) -> Judgement:
        self.looked_at.append(text)
        found = [word for word in self.words if word in text]
        return Judgement(0.9, self.code, tuple(found)) if found else Judgement()


@dataclass
class Breaks:
    """Raises until it is mended."""

    name: str = "harm"
    version: str = "test-1"
    is_broken: bool = True
    asked: int = 0

    def judge(self, text: str, vector: Vectors) -> Judgement:
        self.asked += 1
        if self.is_broken:
            raise RuntimeError("The recogniser was killed.")
        return Judgement()


@dataclass
class Hangs:
    """Gives no word until it is let go."""

    name: str = "harm"
    version: str = "test-1"
    may_go: threading.Event = field(default_factory=threading.Event)
    asked: int = 0

    def judge(self, text: str, vector: Vectors) -> Judgement:
        self.asked += 1
        self.may_go.wait(30)
        return Judgement()


def flat(texts: Sequence[str]) -> Vectors:
    """Embeddings without a model."""
    return np.full((len(texts), 4), 0.5, dtype=np.float32)
