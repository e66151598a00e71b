"""Stage: no answer without proof."""

from django.conf import settings

from askacme.lib.sentences import spans
from chat.pipeline.cite import MARK
from chat.pipeline.locate import locate
from chat.pipeline.values import Cited, Draft, Found, Status, Verdict

NEAR = 0.35
"""Cosine from which a passage is near enough to the question that its owner is the one to ask."""


def verify(draft: Draft, found: Found, *, has_looked_up: bool = False) -> Verdict:
    """
    The draft with its citations, or an honest "I don't know" when nothing in it is proved.

    A passage proves, or a tool that was asked (`has_looked_up`): what it said stands below the answer.
    """
    if draft.stopped and not draft.text:
        return Verdict("You stopped this answer before it began.", Status.ERROR)
    if not draft.cited and not (has_looked_up and draft.text):
        return refuse(found, draft)
    hits = {place: found.hit_of(n) for place, n in enumerate(draft.cited, 1)}
    citations = {place: Cited(hit, *locate(draft.text, place, hit.text)) for place, hit in hits.items()}
    status = Status.FALLBACK if draft.is_fallback else Status.SUCCESS
    return Verdict(draft.text, status, citations, confidence(draft))


def confidence(draft: Draft) -> float:
    """The provider's own calibrated figure; without one, the share of sentences that carry a mark."""
    if draft.served and draft.served.usage.confidence is not None:
        return draft.served.usage.confidence
    sentences = [draft.text[start:end] for start, end in spans(draft.text)]
    return round(sum(bool(MARK.search(sentence)) for sentence in sentences) / max(1, len(sentences)), 3)


def refuse(found: Found, draft: Draft) -> Verdict:
    nearest = found.hits[0] if found.hits else None
    near = nearest and nearest.similarity >= NEAR
    contact = (nearest.owner if near and nearest else "") or settings.ASKACME.contact
    served = draft.served
    sure = served.usage.confidence if served and served.usage.confidence is not None else 0.0
    return Verdict(
        f"I don't know: I found no answer to this in the documents you can see. Please ask {contact}.",
        Status.NO_ANSWER,
        confidence=sure,
    )
