"""An answer's text on its way out, whoever words it."""

from chat.pipeline.cite import CitationNumbers
from chat.pipeline.trace import Trace
from chat.pipeline.values import Emit
from chat.proof.checker import Checker
from governance.gateway.types import Passage

NO_ANSWER = "NO_ANSWER"


class Telling:
    """
    Tells the text as it comes: the agreed word for "no answer" held back, citations numbered by their first use.

    `checker` takes it in too, and tells of each sentence whether the passages that it cites prove it.
    """

    def __init__(self, emit: Emit, trace: Trace, question: str = "") -> None:
        self.emit = emit
        self.numbers = CitationNumbers(0)
        self.checker = Checker(emit.proof, self.passage_behind, question)
        self.ttft_ms: int | None = None
        self._passages: tuple[Passage, ...] = ()
        self._words = RefusalFilter()
        self._trace = trace

    @property
    def text(self) -> str:
        return self.checker.text

    def lean_on(self, passages: tuple[Passage, ...]) -> None:
        """The passages that marks may name from now on, numbered from 1: those before, and perhaps more."""
        self._passages = passages
        self.numbers.allow(len(passages))

    def passage_behind(self, place: int) -> Passage | None:
        """What the mark `[place]` of the text stands for."""
        known = 1 <= place <= len(self.numbers.cited)
        return self._passages[self.numbers.cited[place - 1] - 1] if known else None

    def begin_turn(self) -> None:
        """A model speaks anew: it may say again that it has no answer."""
        self._words = RefusalFilter()

    async def feed(self, piece: str) -> None:
        """A model's words."""
        await self._tell(self.numbers.feed(self._words.feed(piece)))

    async def quote(self, piece: str) -> None:
        """The reader's words, which never mean "no answer"."""
        await self._tell(self.numbers.feed(piece))

    async def add(self, words: str, *, vouched: str = "") -> None:
        """Words of our own, which say nothing of the documents; `vouched` tells where what they say comes from."""
        await self._tell(words, vouched=vouched)

    async def flush(self) -> None:
        """Whatever was held back: the model is at its end."""
        await self._tell(self.numbers.feed(self._words.flush()) + self.numbers.flush())

    def forget(self) -> None:
        """Whatever was held back comes to nothing: the model broke off before it said anything."""
        self._words = RefusalFilter()
        self.numbers.flush()

    async def _tell(self, text: str, *, vouched: str | None = None) -> None:
        text = text if self.text else text.lstrip()
        if text:
            self.ttft_ms = self.ttft_ms or self._trace.elapsed_ms()
            await self.emit.text(text)
            self.checker.take(text, vouched=vouched)


class RefusalFilter:
    """Holds the stream's first words back while they may still become the agreed word for "no answer"."""

    def __init__(self) -> None:
        self._held = ""
        self._decided = False

    def feed(self, piece: str) -> str:
        if self._decided:
            return "" if self.refused else piece
        self._held += piece
        start = self._held.lstrip()
        if len(start) < len(NO_ANSWER) and NO_ANSWER.startswith(start):
            return ""
        self._decided = True
        return "" if self.refused else self._held

    def flush(self) -> str:
        """What was held back and turned out to be words."""
        if self._decided:
            return ""
        self._decided = True
        return self._held

    @property
    def refused(self) -> bool:
        return self._held.lstrip().startswith(NO_ANSWER)
