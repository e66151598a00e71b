"""Stage: the passages that may answer, from what the asker may see."""

from askacme.lib.threads import in_thread
from chat.pipeline.values import Found
from governance.access.audience import Audience
from governance.gateway.types import Passage
from knowledge.search.search import search

PASSAGES = 8


async def retrieve(question: str, audience: Audience) -> Found:
    hits = await in_thread(search, question, audience=audience, top=PASSAGES)
    passages = tuple(
        Passage(n=n, title=hit.document, heading=hit.heading, text=hit.text, score=hit.score)
        for n, hit in enumerate(hits, 1)
    )
    return Found(tuple(hits), passages)
