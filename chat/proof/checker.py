"""An answer's sentences, judged beside the stream: each as soon as it ends, none holding the text up."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from askacme.lib.threads import in_thread
from chat.pipeline.cite import MARK
from chat.proof.ended import EndedSentences
from chat.proof.evidence import Evidence
from chat.proof.judge import Claim, judge, judge_at_once
from chat.proof.reasons import FROM_SYSTEM, UNCHECKED
from chat.proof.values import Sentence, State
from governance.gateway.types import Passage

logger = logging.getLogger(__name__)

_FENCE = re.compile(r"(?:(?:[-*+>]|\d{1,3}[.)])\s+)*(?P<sign>`{3,}|~{3,})(?P<rest>[^\n]*)\Z")

Tell = Callable[[Sentence], Awaitable[None]]
PassageBehind = Callable[[int], Passage | None]


class Checker:
    """
    Takes the text in as it is told, and tells of each sentence whether it is proved.

    A sentence without a mark leans on the next mark of its paragraph or list item: it is held against that passage.
    What waits is judged in batches by one task, which lives only while something waits.
    """

    def __init__(self, tell: Tell, passage_behind: PassageBehind, question: str = "") -> None:
        """`passage_behind` gives the passage behind a mark of the text, or None."""
        self.text = ""
        self.question = question
        self.systems: set[str] = set()
        """Other systems that were asked: a sentence without a mark may name one as its source."""
        self._tell = tell
        self._passage_behind = passage_behind
        self._ended = EndedSentences()
        self._asides: list[tuple[int, int, str]] = []
        self._evidence: dict[tuple[int, ...], Evidence] = {}
        self._uncited: list[Claim] = []
        self._waiting: list[Claim] = []
        self._judged: dict[int, Sentence] = {}
        self._count = 0
        self._fence = ""
        self._worker: asyncio.Task[None] | None = None

    def take(self, piece: str, *, vouched: str | None = None) -> None:
        """The next piece of the text. `vouched`: these words are our own, or come from where it says."""
        if vouched is not None:
            self._asides.append((len(self.text), len(self.text) + len(piece), vouched))
        self.text += piece
        self._sort(self._ended.feed(piece))

    async def finish(self) -> tuple[Sentence, ...]:
        """All sentences, in order; the text is at its end."""
        self._sort(self._ended.flush())
        self._without_source()
        self._work()
        if self._worker:
            await self._worker
        return tuple(self._judged[index] for index in sorted(self._judged))

    def _sort(self, spans: list[tuple[int, int]]) -> None:
        """Which marks each sentence leans on."""
        for start, end in spans:
            if self._uncited and "\n" in self.text[self._uncited[-1].end : start]:
                self._without_source()
            self._turn_fence(start, end)
            claim = Claim(self._count, start, end, self.text[start:end], vouched=self._voucher(start, end))
            self._count += 1
            if cites := self._cites(claim.text):
                self._waiting += [self._citing(each, cites) for each in (*self._uncited, claim)]
                self._uncited = []
            else:
                self._uncited.append(claim)
        self._work()

    def _without_source(self) -> None:
        self._waiting += self._uncited
        self._uncited = []

    def _cites(self, sentence: str) -> tuple[int, ...]:
        marks = dict.fromkeys(int(n) for mark in MARK.finditer(sentence) for n in mark[1].split(","))
        return tuple(n for n in marks if self._passage_behind(n))

    def _citing(self, claim: Claim, cites: tuple[int, ...]) -> Claim:
        if cites not in self._evidence:
            passages = (self._passage_behind(n) for n in cites)
            self._evidence[cites] = Evidence(tuple(passage for passage in passages if passage))
        return replace(claim, cites=cites, evidence=self._evidence[cites])

    def _turn_fence(self, start: int, end: int) -> None:
        """Lines of code are shown as such, and are not sentences."""
        fence = _FENCE.match(self.text[start:end])
        if fence and self._fence:
            is_its_end = fence["sign"].startswith(self._fence) and not fence["rest"].strip()
            self._fence = "" if is_its_end else self._fence
        elif fence and not (fence["sign"][0] == "`" and "`" in fence["rest"]):
            self._fence = fence["sign"]

    def _voucher(self, start: int, end: int) -> str | None:
        """What else than a passage answers for the sentence."""
        if self._fence:
            return ""
        own = next((reason for begin, stop, reason in self._asides if begin <= start < stop), None)
        if own is not None:
            return own
        words = self.text[start:end].lower()
        if MARK.search(words):
            return None
        named = (system for system in sorted(self.systems) if re.search(rf"\b{re.escape(system.lower())}\b", words))
        return next((FROM_SYSTEM % {"said": system} for system in named), None)

    def _work(self) -> None:
        if self._waiting and (self._worker is None or self._worker.done()):
            self._worker = asyncio.create_task(self._judge_waiting())

    async def _judge_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            glanced = [(claim, judge_at_once(claim)) for claim in batch]
            await self._keep([sentence for _, sentence in glanced if sentence])
            if rest := [claim for claim, sentence in glanced if sentence is None]:
                await self._keep(await in_thread(self._judged_or_unchecked, rest))

    def _judged_or_unchecked(self, claims: list[Claim]) -> list[Sentence]:
        try:
            return judge(claims, self.question)
        except Exception:  # nothing that goes wrong here may take the answer away; unproved is the safe side
            logger.exception("%s sentences could not be checked", len(claims))
            return [claim.judged(State.UNPROVED, UNCHECKED) for claim in claims]

    async def _keep(self, sentences: list[Sentence]) -> None:
        for sentence in sentences:
            self._judged[sentence.index] = sentence
            await self._tell(sentence)
