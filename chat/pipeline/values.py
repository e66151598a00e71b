"""What passes from stage to stage: frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from chat.conversations.models import Message
from chat.followups.talk import Talk
from chat.proof.values import Sentence
from governance.access.audience import Audience
from governance.gateway.complete import Served
from governance.gateway.types import ChatMessage, Passage
from governance.guardrails.policy import DEFAULT, Policy
from governance.prompts.releases.current import RecipeInForce, in_force
from knowledge.search.search import Hit

Status = Message.Status


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A question as it came in, and on whose behalf.

    `attempt` counts the processes that began to answer it: only the latest may settle it. `is_first`: no turn of the
    conversation stands before it, so none is looked for. `policy` is what question and answer are held to, from the
    first look at the question to the last word of its answer. `rehearsal`: nobody asks, it is only tried. `recipe` is
    what all its stages go by, whatever is released meanwhile.
    """

    request_id: UUID
    question: str
    user_id: int
    audience: Audience
    attempt: int = 1
    is_first: bool = False
    policy: Policy = DEFAULT
    rehearsal: "Rehearsal | None" = None
    recipe: RecipeInForce = field(default_factory=in_force)


@dataclass(frozen=True, slots=True)
class Condensed:
    """
    The question as it stands alone: equal to the one asked, if that did already.

    `history` is what the model gets of the conversation; empty when the question is about another matter.
    `is_outgrown`: it no longer fits, its oldest turns are due to be summed up.
    """

    question: str
    history: tuple[ChatMessage, ...] = ()
    is_follow_up: bool = False
    is_outgrown: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """
    The passages an answer may use; `hits[i]` is where `passages[i]` stands in the documents.

    `relevance` is the calibrated probability that they answer the question.
    """

    hits: tuple[Hit, ...] = ()
    passages: tuple[Passage, ...] = ()
    relevance: float = 0.0

    def hit_of(self, n: int) -> Hit:
        return self.hits[n - 1]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """
    A question that nobody asked: a test's, or one of the past that is played again. It has no conversation on record.

    `talk` is what was said before it; `found` stands in the place of a search. No other company system is asked, and
    nothing of it counts as anybody's: not its money, and not as an attack.
    """

    talk: Talk = field(default_factory=Talk)
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """
    What the model said.

    `cited[i]` is the number of the passage behind the mark `[i + 1]` in `text`. `served` is None when the answer was
    stopped before its end. `is_fallback`: no language model could be reached, the reader quotes.
    """

    text: str = ""
    cited: tuple[int, ...] = ()
    served: Served | None = None
    stopped: bool = False
    prompt_version: str = ""
    ttft_ms: int | None = None
    is_fallback: bool = False


@dataclass(frozen=True, slots=True)
class Cited:
    """The passage behind a mark, and the span of `hit.text` that the answer leans on."""

    hit: Hit
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    The answer as people get it.

    `citations` maps the marks in `text` to what proves them; `proof` are its sentences, judged.
    """

    text: str
    status: Status
    citations: Mapping[int, Cited] = field(default_factory=dict)
    confidence: float = 0.0
    proof: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A settled answer. Times in milliseconds from the moment the question was taken in."""

    message: Message
    draft: Draft
    verdict: Verdict
    latency_ms: int
    cost_usd: Decimal | None


class Emit(Protocol):
    """How an answer is told while it is made."""

    @property
    def text_so_far(self) -> str: ...

    async def status(self, stage: str) -> None: ...

    async def queued(self, place: int) -> None: ...

    async def text(self, piece: str) -> None: ...

    async def proof(self, sentence: Sentence) -> None: ...

    async def withdraw(self) -> None: ...

    async def wait_for_stop(self) -> None: ...
