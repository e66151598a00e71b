"""An answer's text on its way out, whoever words it."""

import logging
from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from askacme.lib.errors import GuardUnavailable
from chat.pipeline.cite import CitationNumbers
from chat.pipeline.trace import Trace
from chat.pipeline.values import Emit
from chat.proof.checker import Checker
from chat.proof.values import Sentence
from governance.gateway.types import Passage
from governance.guardrails.output.stream import ScreenedStream, Withheld
from governance.guardrails.policy import DEFAULT

logger = logging.getLogger(__name__)

NO_ANSWER = "NO_ANSWER"


class Telling:
    """
    Tells the text as it comes: the agreed word for "no answer" held back, citations numbered by their first use.

    Every word passes `screen` once, last of all, whoever worded it. `checker` gets what is told, and tells of each
    sentence whether the passages that it cites prove it.

    What tells raises Withheld when the screen finds what may not be told, and GuardUnavailable when it can't look.
    """

    def __init__(self, emit: Emit, trace: Trace, question: str = "", screen: ScreenedStream | None = None) -> None:
        self.emit = emit
        self.screen = screen or ScreenedStream(DEFAULT)
        self.numbers = CitationNumbers(0)
        self.checker = Checker(self._tell_proof, self.passage_behind, question)
        self.ttft_ms: int | None = None
        self._passages: tuple[Passage, ...] = ()
        self._words = RefusalFilter()
        self._trace = trace
        self._is_cut = False
        self._is_withdrawn = False

    @property
    def text(self) -> str:
        return self.checker.text

    @property
    def has_begun(self) -> bool:
        """Whether there is something to tell, told already or not."""
        return bool(self.text) or self.screen.held > 0

    def lean_on(self, passages: tuple[Passage, ...]) -> None:
        """The passages that marks may name from now on, numbered from 1: those before, and perhaps more."""
        new = passages[len(self._passages) :]
        self._passages = passages
        self.numbers.allow(len(passages))
        self.allow(part for passage in new for part in (passage.title, passage.heading, passage.text))

    def allow(self, sources: Iterable[str]) -> None:
        """What stands in these texts may be told: the person may read them."""
        self.screen.allow(sources)

    def passage_behind(self, place: int) -> Passage | None:
        """What the mark `[place]` of the text stands for."""
        known = 1 <= place <= len(self.numbers.cited)
        return self._passages[self.numbers.cited[place - 1] - 1] if known else None

    def begin_turn(self) -> None:
        """A model speaks anew: it may say again that it has no answer."""
        self._words = RefusalFilter()

    async def feed(self, piece: str) -> None:
        """A model's words."""
        await self._pass_on(self.numbers.feed(self._words.feed(piece)))

    async def quote(self, piece: str) -> None:
        """The reader's words, which never mean "no answer"."""
        await self._pass_on(self.numbers.feed(piece))

    async def add(self, words: str, *, vouched: str = "") -> None:
        """Words of our own, which say nothing of the documents; `vouched` tells where what they say comes from."""
        await self._tell(self._screened(self.screen.flush))
        told = self._screened(lambda: self.screen.feed(words) + self.screen.flush())
        await self._tell(told, vouched=vouched)

    async def flush(self) -> None:
        """Whatever was held back: the model is at its end."""
        await self._pass_on(self.numbers.feed(self._words.flush()) + self.numbers.flush())
        await self._tell(self._screened(self.screen.flush))

    def forget(self) -> None:
        """Whatever was held back comes to nothing: the model broke off, and nobody knows what it would have become."""
        self._words = RefusalFilter()
        self.numbers.flush()
        self.screen.forget()

    async def withdraw(self) -> None:
        """Take back what was told."""
        self._is_withdrawn = True
        await self.emit.withdraw()

    async def _pass_on(self, text: str) -> None:
        if text:
            await self._tell(self._screened(lambda: self.screen.feed(text)))

    def _screened(self, screen: Callable[[], str]) -> str:
        try:
            told = screen()
        except Exception as error:  # whatever it is: what nobody looked at is not told
            logger.error("An answer could not be screened (%s)", type(error).__name__)  # not its message: it may quote
            raise GuardUnavailable(
                _("The answer could not be checked, so it is not shown. Please try again.")
            ) from None
        if self.screen.withheld:
            raise Withheld(self.screen.withheld)
        return told

    async def _tell(self, text: str, *, vouched: str | None = None) -> None:
        await self._emit(text, vouched=vouched)
        if self.screen.is_cut and not self._is_cut:
            self._is_cut = True
            await self._emit("\n\n*" + _("The answer is cut here: it is longer than allowed.") + "*", vouched="")

    async def _emit(self, text: str, *, vouched: str | None) -> None:
        text = text if self.text else text.lstrip()
        if text:
            self.ttft_ms = self.ttft_ms or self._trace.elapsed_ms()
            await self.emit.text(text)
            self.checker.take(text, vouched=vouched)

    async def _tell_proof(self, sentence: Sentence) -> None:
        if not self._is_withdrawn:
            await self.emit.proof(sentence)


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
