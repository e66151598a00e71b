"""An answer that is too long ends with the last sentence that fits."""

import re

SLACK_CHARS = 600
"""So far before the limit whole sentences are told instead of words: then it is known which one is the last."""
SENTENCE_END = re.compile(r"[.!?…。！？](?:[\"'”’)\]*_]|\[\d{1,3}\])*(?=\s)|\n")


class Limit:
    """Tells at most so many characters."""

    def __init__(self, most_chars: int) -> None:
        self._most = most_chars
        self._words_until = most_chars - min(SLACK_CHARS, most_chars // 4)
        self._told = 0
        self._open = ""
        self._has_sentence = False
        self.is_over = False

    @property
    def held(self) -> int:
        return len(self._open)

    def feed(self, piece: str) -> str:
        if self.is_over:
            return ""
        self._open += piece
        told = self._tell(min(len(self._open), max(0, self._words_until - self._told)))
        if self._open:
            told += self._tell_sentences()
        return told

    def flush(self) -> str:
        """What is held fits: else it would have been cut."""
        return self._tell(len(self._open))

    def forget(self) -> None:
        self._open = ""

    def _tell_sentences(self) -> str:
        room = self._most - self._told
        ends = [match.end() for match in SENTENCE_END.finditer(self._open) if match.end() <= room]
        told = self._tell(ends[-1]) if ends else ""
        self._has_sentence = self._has_sentence or bool(ends)
        if self._told + len(self._open) <= self._most:
            return told
        self.is_over = True
        if not self._has_sentence:  # one endless sentence: it is cut at a word
            room = self._most - self._told
            told += self._tell(self._open.rfind(" ", 0, room + 1) if " " in self._open[: room + 1] else room)
        self._open = ""
        return told

    def _tell(self, length: int) -> str:
        told, self._open = self._open[:length], self._open[length:]
        self._told += len(told)
        return told
