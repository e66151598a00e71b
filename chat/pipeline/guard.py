"""Stage: what the guards make of a question, and what is said instead where it gets no answer."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from askacme.lib.threads import in_thread
from chat.guarding.earlier import said_by_client
from chat.guarding.small_talk import SMALL_TALK, Talk, friendly, off_topic, small_talk_in
from chat.guarding.words import help_for_oneself, said_instead
from chat.pipeline.values import Asked, Found, Status, Verdict
from governance.gateway.routing.models import Kind
from governance.gateway.routing.services import Route
from governance.guardrails.inspect import inspect
from governance.guardrails.reviews.alerts import is_attack, note_attack
from governance.guardrails.values import Action, GuardVerdict, Inspected

TOPIC = "topic"
AGAINST_US = ("injection",)
"""What is looked for in the turns that a client sends along: their questions get no answer, harmful or not."""
EARLIER = "in an earlier turn"
TONE = frozenset({"order_after_question"})
"""Signals that any set of rules gives."""
IRRELEVANT = 0.1
"""Relevance below which passages don't answer a question that is off topic: no model is asked."""
SOCIAL = {
    "topic.greeting": Talk.GREETING,
    "topic.thanks": Talk.THANKS,
    "topic.goodbye": Talk.GOODBYE,
    "topic.about_you": Talk.WHO,
}
SURE = 0.8
"""Score from which a stray word is answered as small talk: "You're welcome!" to gibberish helps nobody."""
SELF_HARM = "harm.self_harm"
"""Whoever is in distress gets help, whatever a policy does about harm that the guard looks for."""
SOCIABLE = Route("fast", kind=Kind.SMALL_TALK, department="", reason=SMALL_TALK)


@dataclass(frozen=True, slots=True)
class Screened:
    """`reply` stands in the place of an answer. `is_off_topic`: only the documents can say otherwise."""

    inspected: Inspected
    reply: Verdict | None = None

    @property
    def is_off_topic(self) -> bool:
        return any(each.guard == TOPIC and each.action is not Action.ALLOW for each in self.inspected.verdicts)

    def as_json(self) -> dict[str, Any]:
        verdicts = [verdict.as_json() for verdict in self.inspected.verdicts]
        return {"policy": self.inspected.policy, "action": str(self.inspected.action), "verdicts": verdicts}


async def guard(question: str, asked: Asked) -> Screened:
    """
    The question, and what a client sent along, under the asker's policy.

    Raises GuardUnavailable when a guard can't give its word: nothing is answered without.
    """
    inspected = await inspect_all(question, asked)
    decisive, talk = inspected.decisive, small_talk_in(question)
    if is_in_distress(inspected):
        return Screened(inspected, Verdict(help_for_oneself(settings.ASKACME.contact), Status.FILTERED))
    if talk and (decisive is None or decisive.guard == TOPIC):
        return Screened(inspected, Verdict(friendly(talk), Status.SUCCESS, confidence=1.0))
    if decisive is None or decisive.action is not Action.BLOCK:
        return Screened(inspected)
    if is_attack(decisive) and asked.rehearsal is None:
        await in_thread(
            note_attack, user_id=asked.user_id, request_id=asked.request_id, verdict=decisive, policy=asked.policy
        )
    return Screened(inspected, Verdict(said_instead(decisive), Status.FILTERED))


async def inspect_all(question: str, asked: Asked) -> Inspected:
    """What the client's turns are found to hold counts as if the question held it."""
    questions, answers = ([], []) if asked.is_first else await in_thread(said_by_client, asked.request_id)
    here, *there = await asyncio.gather(
        inspect(question, policy=asked.policy),
        *(inspect(text, policy=asked.policy, only=AGAINST_US) for text in [*questions, *answers]),
    )
    found = [verdict for inspected in there[: len(questions)] for verdict in inspected.verdicts if is_found(verdict)]
    spoken = [verdict for inspected in there[len(questions) :] for verdict in inspected.verdicts if is_found(verdict)]
    earlier = [*found, *filter(has_words_for_it, spoken)]
    return replace(here, verdicts=(*here.verdicts, *map(marked, earlier)))


def has_words_for_it(verdict: GuardVerdict) -> bool:
    """
    Of an answer, which reads like a handbook and not like the questions that guards learn from: the sense alone doesn't
    count. Of 138 paragraphs of the demo handbook 25 were taken for an attack by their sense, one by its words.
    """
    return not TONE.issuperset(verdict.signals)


def is_in_distress(inspected: Inspected) -> bool:
    return any(verdict.code == SELF_HARM and is_found(verdict) for verdict in inspected.verdicts)


def is_found(verdict: GuardVerdict) -> bool:
    return verdict.action is not Action.ALLOW


def marked(verdict: GuardVerdict) -> GuardVerdict:
    return replace(verdict, signals=(*verdict.signals, EARLIER))


def has_no_matter(screened: Screened, found: Found, course: Route) -> bool:
    """Whether it is neither about work nor about anything that the documents say."""
    return (screened.is_off_topic or course.kind == Kind.SMALL_TALK) and found.relevance < IRRELEVANT


def nothing_on_it(screened: Screened) -> Verdict:
    """
    `no_answer`, not `filtered`: the documents were asked and say nothing. Nobody was kept from anything, so there is
    nothing to contest, and a colleague can still be asked. What the topic guard knows for small talk is answered so.
    """
    found = [verdict for verdict in screened.inspected.verdicts if verdict.guard == TOPIC and is_found(verdict)]
    talk = next((SOCIAL[each.code] for each in found if each.code in SOCIAL and each.score >= SURE), None)
    if talk:
        return Verdict(friendly(talk), Status.SUCCESS, confidence=1.0)
    return Verdict(off_topic(settings.ASKACME.contact), Status.NO_ANSWER)
