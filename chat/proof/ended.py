"""The sentences of a text that comes in pieces, each as soon as nothing that follows can change it."""

import re

from askacme.lib.sentences import spans

_NEWLINE = re.compile(r"[\n\r\v\f\u2028\u2029]")
_MAY_END = re.compile(r"[.!?…。！？\n\r\v\f\u2028\u2029]")
_ENDS_AT_ONCE = re.compile(r"[。！？][」』”’）]*\Z")


class EndedSentences:
    """
    Gives what `askacme.lib.sentences.spans` gives for the whole text, sentence by sentence.

    A sentence has ended when its line has, or when the first word of the next is whole: whether a full stop ends a
    sentence depends on the word behind it. No piece costs more than the sentences that are still open.
    """

    def __init__(self) -> None:
        self._open = ""
        self._start = 0

    def feed(self, piece: str) -> list[tuple[int, int]]:
        self._open += piece
        if not _MAY_END.search(self._open):
            return []
        found = spans(self._open)
        ended = sum(1 for place in range(len(found)) if self._is_over(found, place))
        return self._give(found[:ended])

    def flush(self) -> list[tuple[int, int]]:
        """The rest: the text is at its end."""
        return self._give(spans(self._open))

    def _is_over(self, found: list[tuple[int, int]], place: int) -> bool:
        end = found[place][1]
        following = found[place + 1][0] if place + 1 < len(found) else len(self._open)
        if _NEWLINE.search(self._open, end, following):
            return True
        if place + 1 == len(found):
            return False
        ends_at_once = _ENDS_AT_ONCE.search(self._open, 0, end)
        return ends_at_once is not None or re.search(r"\S\s", self._open[following:]) is not None

    def _give(self, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        given = [(start + self._start, end + self._start) for start, end in found]
        if found:
            self._start += found[-1][1]
            self._open = self._open[found[-1][1] :]
        return given
