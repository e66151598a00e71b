"""A case, answered by the one pipeline with the recipe under test. Nothing of it is kept but what the suite keeps."""

import asyncio
from uuid import UUID, uuid4

from askacme.lib.errors import AskAcmeError
from askacme.lib.threads import in_thread
from chat.followups.talk import Talk, Turn
from chat.pipeline.answer import concluded
from chat.pipeline.screen import screen
from chat.pipeline.values import Asked, Condensed, Found, Rehearsal, Status, Verdict
from chat.pipeline.way import Way
from chat.proof.values import Sentence
from governance.access.audience import Audience
from governance.gateway.spent import spent_on
from governance.gateway.types import Passage
from governance.guardrails.pii import mask
from governance.guardrails.policy import policy_for
from governance.prompts.releases.current import RecipeInForce
from governance.prompts.suites.cases import CaseSpec, GivenPassage, Said
from knowledge.search.search import Hit

NOBODY = 0
"""No account has it: the suite sees what everyone may see, and is nobody in a comparison."""


async def answered(case: CaseSpec, *, recipe: RecipeInForce) -> Said:
    """
    What an employee in no group would be told.

    Screened, masked and guarded as theirs; an error of the pipeline is an answer with that status.
    """
    request_id = uuid4()
    try:
        asked = await asked_of(case, request_id, recipe)
    except AskAcmeError as error:
        return Said(str(error), Status.ERROR.value, request_id=request_id)
    way = Way(Condensed(asked.question))
    verdict = await concluded(asked, Unheard(), way)
    return await in_thread(said_of, asked, way, verdict)


async def asked_of(case: CaseSpec, request_id: UUID, recipe: RecipeInForce) -> Asked:
    policy = await in_thread(policy_for, frozenset[int]())
    hidden = await in_thread(mask, screen(case.question), scope=str(request_id), policy=policy)
    return Asked(
        request_id,
        hidden.text,
        NOBODY,
        Audience.nobody(),
        is_first=not case.history,
        policy=policy,
        rehearsal=Rehearsal(talk_of(case), found_of(case)),
        recipe=recipe,
    )


def talk_of(case: CaseSpec) -> Talk:
    return Talk(tuple(Turn(uuid4(), turn.question, turn.question, turn.answer) for turn in case.history))


def found_of(case: CaseSpec) -> Found | None:
    """None: what is searched for."""
    if not case.passages:
        return None
    hits = tuple(hit_of(n, each) for n, each in enumerate(case.passages, 1))
    passages = tuple(Passage(hit.rank, hit.document, hit.heading, hit.text, hit.score) for hit in hits)
    return Found(hits, passages, relevance=1.0)


def hit_of(rank: int, given: GivenPassage) -> Hit:
    """A passage of no document: cited by its title."""
    return Hit(
        rank=rank,
        score=1.0,
        similarity=1.0,
        word_score=1.0,
        matched=(),
        heading=given.heading,
        text=given.text,
        is_corrected=False,
        start=0,
        end=len(given.text),
        page=None,
        sentence=None,
        version_id=0,
        version=0,
        document_id=0,
        document=given.title,
        path=given.title,
        owner="",
        warning="",
    )


def said_of(asked: Asked, way: Way, verdict: Verdict) -> Said:
    spent, served = spent_on(asked.request_id), way.draft.served
    return Said(
        text=verdict.text,
        status=verdict.status.value,
        sources=tuple(dict.fromkeys(cited.hit.path for cited in verdict.citations.values())),
        standalone="" if way.condensed.question == asked.question else way.condensed.question,
        prompt_version=way.draft.prompt_version,
        model=f"{served.provider} {served.model}" if served else "",
        request_id=asked.request_id,
        latency_ms=way.trace.elapsed_ms(),
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cost_usd=spent.cost_usd,
        confidence=verdict.confidence,
        stages=way.trace.as_json(),
    )


class Unheard:
    """Nobody follows the answer while it is made, and nobody stops it."""

    def __init__(self) -> None:
        self.text_so_far = ""

    async def status(self, stage: str) -> None: ...

    async def queued(self, place: int) -> None: ...

    async def text(self, piece: str) -> None:
        self.text_so_far += piece

    async def proof(self, sentence: Sentence) -> None: ...

    async def withdraw(self) -> None:
        self.text_so_far = ""

    async def wait_for_stop(self) -> None:
        await asyncio.Event().wait()
