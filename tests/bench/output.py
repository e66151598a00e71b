"""Markdown tables on the screen, and the figures in them."""

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

import numpy as np


def say(text: str, to: TextIO | None = None) -> None:
    (to or sys.stdout).write(text + "\n\n")
    (to or sys.stdout).flush()


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return f"## {title}\n\n" + "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def percentiles_ms(values_ms: Sequence[float]) -> tuple[str, str]:
    """p50 and p95, in words."""
    if not values_ms:
        return "–", "–"
    p50, p95 = np.percentile(values_ms, [50, 95])
    return f"{p50:.1f}", f"{p95:.1f}"
