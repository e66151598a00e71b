"""Stage: the passages that may answer, from what the asker may see."""

from askacme.lib.threads import in_thread
from chat.pipeline.values import Found
from governance.access.audience import Audience
from governance.gateway.types import Passage
from knowledge.search.search import find

PASSAGES = 8

IRRELEVANT = 0.02
"""
Relevance below which no model is asked: the question is about something else than the documents.

Low on purpose. On two handbooks no question with an answer lies below (the least: 0.024); at 0.1 five of 45 would be
lost on one of them.
"""


async def retrieve(question: str, audience: Audience) -> Found:
    """What is found but hardly answers is kept as `hits` only: its owner may be the one to ask."""
    result = await in_thread(find, question, audience=audience, top=PASSAGES)
    if result.relevance < IRRELEVANT:
        return Found(result.hits)
    passages = tuple(
        Passage(n=n, title=hit.document, heading=hit.heading, text=hit.text, score=hit.score)
        for n, hit in enumerate(result.hits, 1)
    )
    return Found(result.hits, passages, result.relevance)
