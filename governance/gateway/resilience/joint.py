"""
Going on after a model broke off in mid-answer.

What was shown stays. The next model is asked to repeat the last words and to go on from there; where its text meets
what was shown, the two are joined without a seam and nothing is said twice. Where they don't meet, a visible line says
that another model answers.
"""

from dataclasses import replace

from governance.gateway.types import ChatMessage, CompletionRequest

BROKEN_OFF = "\n\n*The answer broke off here. Another model goes on:*\n\n"

STOPPED_SHORT = " …\n\n*The answer broke off here. Another model had nothing to add.*"
WHOLE = (".", "!", "?", "]", ":", "|", "…", "。")
"""How a text ends that was not cut in the middle of a sentence."""

LAST_WORDS = 6
LEAST_OVERLAP = 8
DECIDED_AT = 80
"""Characters after which a text that has not met the end of what was shown will not do so any more."""


def continuation(request: CompletionRequest, shown: str) -> CompletionRequest:
    """The request that asks another model to go on where `shown` ends."""
    asked = (
        "Your answer broke off. Begin by repeating its last words exactly: "
        f"«{' '.join(shown.split()[-LAST_WORDS:])}», and go on from there. Repeat nothing else."
    )
    return replace(request, messages=(*request.messages, ChatMessage("assistant", shown), ChatMessage("user", asked)))


class Joint:
    """Takes the second text piece by piece, and gives what is to be shown of it."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._held = ""
        self._is_joined = not shown

    def feed(self, piece: str) -> str:
        if self._is_joined:
            return piece
        self._held = (self._held + piece).lstrip("«\"' \n") if not self._held else self._held + piece
        if self._begins_anew():
            return self._join(len(self._shown)) if len(self._held) >= len(self._shown) else ""
        return self._decide() if len(self._held) >= DECIDED_AT else ""

    def flush(self) -> str:
        """What was held back when the text ends."""
        if self._is_joined or not self._held:
            return ""
        if self._begins_anew():
            return "" if self._shown.rstrip().endswith(WHOLE) else STOPPED_SHORT
        return self._decide()

    def _begins_anew(self) -> bool:
        """Whether the second text is, so far, the first one from its start."""
        return self._shown.startswith(self._held) or self._held.startswith(self._shown)

    def _decide(self) -> str:
        overlap = overlap_of(self._shown, self._held)
        if overlap >= LEAST_OVERLAP:
            return self._join(overlap)
        return BROKEN_OFF + self._join(0)

    def _join(self, skipped: int) -> str:
        self._is_joined = True
        return self._held[skipped:].removeprefix("»") if skipped else self._held


def overlap_of(shown: str, held: str) -> int:
    """Length of the longest beginning of `held` that `shown` ends with."""
    longest = min(len(shown), len(held))
    return next((length for length in range(longest, 0, -1) if shown.endswith(held[:length])), 0)
