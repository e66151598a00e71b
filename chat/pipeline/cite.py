"""Citation marks, as they stream by."""

import re
from collections.abc import Iterable

MARK = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
OPEN_MARK = re.compile(r"\[[\d,\s]{0,16}$")


class CitationNumbers:
    """
    Renumbers the marks of a streamed text by first appearance, and drops those that name no passage.

    A mark that is split over two pieces is held back until it is whole. `cited[i]` is the passage behind `[i + 1]`.
    """

    def __init__(self, passages: int, *, cited: Iterable[int] = ()) -> None:
        """`cited` are those that an earlier part of the same text numbered already."""
        self._passages = passages
        self._held = ""
        self.cited: list[int] = list(cited)

    def allow(self, passages: int) -> None:
        """More passages came to hand."""
        self._passages = max(self._passages, passages)

    def feed(self, piece: str) -> str:
        text = self._held + piece
        cut = OPEN_MARK.search(text)
        self._held = text[cut.start() :] if cut else ""
        return MARK.sub(self._renumber, text[: cut.start()] if cut else text)

    def flush(self) -> str:
        text, self._held = self._held, ""
        return text

    def _renumber(self, mark: re.Match[str]) -> str:
        numbers = [int(number) for number in mark[1].split(",")]
        return "".join(f"[{self._place(n)}]" for n in dict.fromkeys(numbers) if 1 <= n <= self._passages)

    def _place(self, n: int) -> int:
        if n not in self.cited:
            self.cited.append(n)
        return self.cited.index(n) + 1
