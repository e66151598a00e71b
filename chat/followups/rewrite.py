"""A question that may lean on the conversation, made to stand alone by a fast model."""

import asyncio
import logging
from dataclasses import dataclass, replace
from html import escape

from pydantic import BaseModel, Field

from askacme.lib.errors import AskAcmeError
from chat.followups.packing import Packed
from chat.pipeline.screen import screen
from governance.gateway.reader.words import stems
from governance.gateway.structured import complete_as
from governance.gateway.types import Caller, ChatMessage, CompletionRequest
from governance.prompts.sent import Prompt

logger = logging.getLogger(__name__)

PATIENCE_S = 3.0
"""A person waits for the search behind it: after so long the rules have to do."""
MOST_NEW = 0.5
"""Share of words that neither question nor conversation holds, above which the model has said something else."""


class Rewritten(BaseModel):
    question: str = Field(min_length=1, max_length=2_000)
    is_follow_up: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A question that stands alone, and whether it leant on the conversation before."""

    question: str
    is_follow_up: bool


async def rewritten(question: str, said: Packed, *, rules: Prompt, caller: Caller) -> Standing | None:
    """The model's version; None when it fails, has none in time, or says something else."""
    request = CompletionRequest(
        messages=(
            ChatMessage("system", rules.text),
            ChatMessage("user", f"{said.text}\n\n<question>\n{escape(question, quote=False)}\n</question>"),
        ),
        question=question,
        tier=rules.own_tier,
        temperature=rules.temperature,
        max_output_tokens=rules.max_output_tokens,
    )
    caller = replace(caller, prompt_version=rules.version)
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await complete_as(Rewritten, request, caller=caller)
            text = screen(" ".join(found.question.split()))
    except (AskAcmeError, TimeoutError) as error:
        logger.warning("Request %s: the rules word the follow-up (%s)", caller.request_id, error or "took too long")
        return None
    if not found.is_follow_up:
        return Standing(question, is_follow_up=False)
    return Standing(text, is_follow_up=True) if keeps_to(text, f"{question} {said.text}") else None


def keeps_to(text: str, known: str) -> bool:
    """Whether it mostly speaks of what was spoken of."""
    said, names = stems(text), set(stems(known))
    return bool(said) and sum(word not in names for word in said) <= MOST_NEW * len(said)
