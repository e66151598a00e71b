"""Stage: a question that leans on the conversation is made to stand alone."""

from askacme.lib.errors import AskAcmeError, ModelUnavailable
from askacme.lib.threads import in_thread
from chat.followups.leaning import Leaning, leaning_of
from chat.followups.packing import packed
from chat.followups.rewrite import Standing, rewritten
from chat.followups.standalone import made_to_stand_alone
from chat.followups.talk import Talk, talk_before
from chat.pipeline.caller import caller_for
from chat.pipeline.respond import has_language_model
from chat.pipeline.screen import screen
from chat.pipeline.values import Asked, Condensed
from governance.gateway.embeddings import embedder

RELATED = 0.3
"""
Cosine of two questions from which they are about the same matter: it is so for 46 of 48 follow-ups that stand alone,
and for 7 of 100 pairs of questions taken by chance from one handbook.
"""
COMPARED = 4
"""Turns that a question may go back to. Each is embedded, with the question, in one pass of some milliseconds."""


async def condense(question: str, asked: Asked) -> Condensed:
    """
    The question as it is searched for, and what a model gets of the conversation.

    One that stands alone costs no model call; about another matter it starts afresh, without history. Never fails:
    where no model can be asked in time the rules do it.
    """
    leaning, has_model = leaning_of(question), await has_language_model()
    if leaning is Leaning.NO and not has_model:  # the reader reads no history
        return Condensed(question)
    talk = await talk_of(asked)
    if talk is None or talk.is_empty:
        return Condensed(question)
    if leaning is not Leaning.YES and not await in_thread(is_related, question, talk):
        return Condensed(question)
    said = packed(talk)
    history, is_outgrown = (said.messages, bool(said.left_out)) if has_model else ((), False)
    if leaning is Leaning.NO:
        return Condensed(question, history, is_outgrown=is_outgrown)
    caller = caller_for(asked, purpose="condense")
    standing = (
        await rewritten(question, said, rules=asked.recipe.prompt("condense"), caller=caller) if has_model else None
    )
    standing = standing or by_rules(question, talk)
    if not standing.is_follow_up:
        return Condensed(question)
    return Condensed(standing.question, history, is_follow_up=True, is_outgrown=is_outgrown)


async def talk_of(asked: Asked) -> Talk | None:
    """What was said before, if anything was."""
    if asked.rehearsal:
        return asked.rehearsal.talk
    return None if asked.is_first else await in_thread(talk_before, asked.request_id, asked.audience)


def by_rules(question: str, talk: Talk) -> Standing:
    """Leaning on the turn before. As it was asked, when it would become too long to be asked."""
    if not talk.turns:
        return Standing(question, is_follow_up=True)
    try:
        return Standing(screen(made_to_stand_alone(question, talk.turns[-1].standalone)), is_follow_up=True)
    except AskAcmeError:
        return Standing(question, is_follow_up=True)


def is_related(question: str, talk: Talk) -> bool:
    """Whether it is about what one of the last questions was about; no, where nobody can tell."""
    before = [turn.standalone for turn in talk.turns[-COMPARED:]]
    try:
        vectors = embedder().embed([question, *before])
    except ModelUnavailable:
        return False
    return bool((vectors[1:] @ vectors[0] >= RELATED).any())
