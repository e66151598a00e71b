"""Stage: no answer without proof."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chat.pipeline.agent import Worked
from chat.pipeline.locate import bare, locate, marked_with
from chat.pipeline.values import Cited, Draft, Found, Status, Verdict
from chat.proof.assurance import confidence, stands_or_falls
from chat.proof.strike import Struck, strike
from chat.proof.values import Sentence, State

WITHHELD = gettext_noop(
    "I took this answer back: it held something that may not be shown, such as a key or my own instructions. Please ask"
    " in other words."
)
NEAR = 0.35
"""Cosine from which a passage is near enough to the question that its owner is the one to ask."""


async def verify(worked: Worked) -> Verdict:
    """
    The draft with its citations and each sentence judged, or an honest "I don't know" when nothing in it is proved.

    A passage proves, or a tool that was asked: what it said stands below the answer. Sentences that nothing proves are
    marked or left out, as ASKACME_UNPROVED says. Waits for the verdicts that are still open.
    """
    draft, found = worked.draft, worked.found
    sentences = await worked.checker.finish() if worked.checker else ()
    if worked.withheld:
        return Verdict(_(WITHHELD), Status.OUTPUT_FILTERED)
    if draft.stopped and not draft.text:
        return Verdict("You stopped this answer before it began.", Status.ERROR)
    if not draft.text or not (draft.cited or worked.tool_uses):
        return refuse(found, draft)
    sure = confidence(sentences, relevance=found.relevance, told=told_by(draft))
    kept = Struck(draft.text, sentences, tuple(range(1, len(draft.cited) + 1)), 0)
    if settings.ASKACME.unproved == "strike":
        kept = strike(draft.text, sentences, cited=len(draft.cited))
        if kept.count and not any(stands(sentence) for sentence in kept.sentences):
            return refuse(found, draft)
    hits = {n: found.hit_of(draft.cited[place - 1]) for n, place in enumerate(kept.places, 1)}
    citations = {n: Cited(hit, *locate(proved_by(n, kept), hit.text)) for n, hit in hits.items()}
    status = Status.FALLBACK if draft.is_fallback else Status.SUCCESS
    return Verdict(kept.text, status, citations, sure, kept.sentences)


def proved_by(n: int, kept: Struck) -> list[str]:
    """What the mark `[n]` proves; all that it stands behind when it proves nothing."""
    proved = [sentence for sentence in kept.sentences if n in sentence.cites and sentence.state is State.PROVED]
    return [bare(kept.text[each.start : each.end]) for each in proved] or marked_with(kept.text, n)


def stands(sentence: Sentence) -> bool:
    return stands_or_falls(sentence) and sentence.state is not State.UNPROVED


def told_by(draft: Draft) -> float | None:
    """The provider's own calibrated figure, if it has one."""
    return draft.served.usage.confidence if draft.served else None


def refuse(found: Found, draft: Draft) -> Verdict:
    nearest = found.hits[0] if found.hits else None
    near = nearest and nearest.similarity >= NEAR
    contact = (nearest.owner if near and nearest else "") or settings.ASKACME.contact
    return Verdict(
        f"I don't know: I found no answer to this in the documents you can see. Please ask {contact}.",
        Status.NO_ANSWER,
        confidence=told_by(draft) or 0.0,
    )
