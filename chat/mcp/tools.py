"""What MCP clients may call, with the rights and the limits of the key's owner."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from askacme.lib.errors import ServiceUnavailable
from askacme.lib.threads import in_thread
from chat.conversations.passing import ask_in_passing
from chat.conversations.schema import AnswerOut, Source
from chat.conversations.stream import settled
from chat.proof.marks import in_words_of_text
from chat.proof.values import Sentence
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.limits import services as limits
from knowledge.search.api import HitOut
from knowledge.search.search import search


class Searched(BaseModel):
    query: str = Field(min_length=1, max_length=5000, description="What to look for: words, or a question.")
    top: int = Field(default=10, ge=1, le=100, description="How many passages at most.")


class Asked(BaseModel):
    question: str = Field(description="One question that stands alone: nothing is known of those before it.")


class Passages(BaseModel):
    """The best passages, best first. `str` is what a model reads of them."""

    passages: list[HitOut]

    def __str__(self) -> str:
        return "\n\n".join(map(passage_in_words, self.passages)) or "Nothing was found."


class Answered(AnswerOut):
    """An answer and its proof. `str` is what a model reads of it."""

    def __str__(self) -> str:
        proof = [Sentence.from_json(sentence.model_dump()) for sentence in self.proof]
        return "\n\n".join([in_words_of_text(self.answer, proof), *map(source_in_words, self.sources)])


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool. `call` takes its arguments, who calls, and our address as the client knows it."""

    title: str
    description: str
    arguments: type[BaseModel]
    result: type[BaseModel]
    call: Callable[[Any, User, str], Awaitable[BaseModel]]


async def search_documents(wanted: Searched, user: User, _site: str) -> Passages:
    """Counts as a question: models search as fast as they can. Raises RateLimited."""
    audience = await in_thread(Audience.of, user)
    admission = await limits.admit_in_turn(user_id=user.pk, group_ids=audience.group_ids)
    async with limits.holding(admission):
        hits = await in_thread(search, wanted.query, audience=audience, top=wanted.top)
    return Passages(passages=[HitOut.of(hit) for hit in hits])


async def ask_question(asked: Asked, user: User, site: str) -> Answered:
    """Raises as `ask_in_passing` does, and ServiceUnavailable when there is no answer to give."""
    message = await ask_in_passing(user=user, question=asked.question)
    answer = await settled(message.request_id)
    if answer.status == "error":
        raise ServiceUnavailable(answer.answer)
    sources = [source.model_copy(update={"url": site + source.url}) for source in answer.sources]
    return Answered.model_validate(answer.model_dump() | {"sources": [source.model_dump() for source in sources]})


def passage_in_words(hit: HitOut) -> str:
    page = f", page {hit.page}" if hit.page else ""
    return f"{hit.rank}. {hit.document} ({hit.path}{page}): {hit.heading}\n{hit.text}"


def source_in_words(source: Source) -> str:
    page = f", page {source.page}" if source.page else ""
    warning = f" Careful: {source.warning}" if source.warning else ""
    return f"[{source.n}] {source.document}{page}: “{source.quote}” {source.url}{warning}"


TOOLS = {
    "search": Offer(
        "Search the documents",
        "The passages of the company's documents that answer a question best, with document, page and version.",
        Searched,
        Passages,
        search_documents,
    ),
    "ask": Offer(
        "Ask AskAcme",
        "One answer from the company's documents. Each sentence cites its source as [1]; the sources follow, with the "
        "words that prove it. Says so, and whom to ask, when the documents hold no answer.",
        Asked,
        Answered,
        ask_question,
    ),
}
